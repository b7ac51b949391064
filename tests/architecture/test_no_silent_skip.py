from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.requires import ROOT

FILES = {
    "test_in_the_test.py": "import pytest\ndef test_it():\n    pytest.skip('absent')\n",
    "test_by_mark.py": "import pytest\n@pytest.mark.skip(reason='absent')\ndef test_it(): ...\n",
    "test_whole_file.py": "import pytest\npytest.skip('absent', allow_module_level=True)\n",
    "test_known_bug.py": "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False\n",
    "pytest.ini": "[pytest]\naddopts = -p tests.conftest --continue-on-collection-errors\n",
}


def run_pytest(folder: Path, require_all: str) -> subprocess.CompletedProcess[str]:
    for name, content in FILES.items():
        (folder / name).write_text(content)
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(folder / "pytest.ini"), str(folder)]
    environment = {**os.environ, "CASEBASE_REQUIRE_ALL": require_all, "PYTEST_ADDOPTS": ""}
    # Where CI is set pytest's summary repeats each reason in full.
    environment.pop("CI", None)
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_every_kind_of_skip_is_a_failure_where_everything_is_required(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, require_all="1")
    assert done.returncode != pytest.ExitCode.OK
    assert done.stdout.count("CASEBASE_REQUIRE_ALL=1 refuses: Skipped: absent") == 3
    assert "1 xfailed" in done.stdout


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, require_all="")
    assert done.returncode == pytest.ExitCode.OK
    assert "3 skipped, 1 xfailed" in done.stdout
