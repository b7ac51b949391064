"""A process that uses the server of a home: ``python -m tests.kernel.platform.client HOME [UID GID]``.

Prints the owner's URL, or the code of the refusal, and stays until its standard input ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casebase.kernel.errors import CasebaseError
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.kernel.platform.installation import Account, Installation
from tests.support.requires import ROOT


def main(home: str, *ids: str) -> None:
    installation = Installation.shipped()
    if ids:
        # Python itself may be where only root can read: become the other user once everything is imported.
        uid, gid = map(int, ids)
        installation = installation.reachable_by(Account(uid, gid))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    try:
        print(EmbeddedServer(Path(home), installation=installation).ensure(), flush=True)
    except CasebaseError as error:
        print(error.code, flush=True)
    sys.stdin.read()


@contextmanager
def client(home: Path, *ids: int) -> Iterator[subprocess.Popen[str]]:
    """Run the process; it ends with the block."""
    command = [sys.executable, "-m", "tests.kernel.platform.client", str(home), *map(str, ids)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        yield process


def answer_of(process: subprocess.Popen[str]) -> str:
    """Wait for the URL or the code that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
