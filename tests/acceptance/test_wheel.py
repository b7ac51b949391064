"""The built wheel, in an environment of its own: what somebody who installs it gets."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.product import casebase, environment
from tests.support.requires import ROOT

pytestmark = pytest.mark.xdist_group("acceptance")

PACKAGE = ROOT / "src" / "casebase"


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".uv" / "bin"))
    if found is None:
        pytest.skip("uv is not installed (pip install uv)")
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(uv, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT))
    return next(folder.glob("casebase-*.whl"))


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_contains_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    tracked = run(
        "git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", str(PACKAGE)
    )
    wanted = {path.removeprefix("src/") for path in tracked.splitlines() if (ROOT / path).exists()}
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == wanted
    assert {Path(name).suffix for name in packed} >= {".py", ".sql", ".html", ".css", ".js", ".typed"}


def test_tells_the_demo_in_an_empty_environment(
    uv: str, wheel: Path, tmp_path: Path, casebase_home: Path
) -> None:
    venv, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    run(uv, "venv", "--quiet", str(venv))
    run(uv, "pip", "install", "--quiet", "--python", str(venv), str(wheel))
    env = environment(casebase_home)
    clean = {name: env[name] for name in ("PATH", "HOME", "LANG", "CASEBASE_HOME") if name in env}
    done = casebase("demo", "--check", env=clean, command=venv / "bin" / "casebase", cwd=empty)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ 6 leads became 6 cases" in done.stdout
    assert list(empty.iterdir()) == []
