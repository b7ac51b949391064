"""Which part may import which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.requires import ROOT


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", ".importlinter", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_public_names_are_these() -> None:
    import casebase

    assert set(casebase.__all__) == {"Casebase", "CasebaseError", "Principal", "RpcError"}
    assert all(getattr(casebase, name).__doc__ for name in casebase.__all__)


def test_names_say_what_is_inside() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    files = subprocess.run(
        ["git", "ls-files", "src", "tests", "bench"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    # Data may name the helper of a chat, who is somebody.
    files = [file for file in files if not file.endswith((".md", ".toml"))]
    words = {file: {part.split(".")[0] for part in Path(file).parts} for file in files}
    assert {file for file in files if words[file] & vague} == set()
