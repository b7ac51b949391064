"""The SQL units of the product, in order: a folder of versioned and repeatable files each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from casebase.kernel.migrate.errors import MigrationOrderError
from casebase.kernel.module import Module, resolve

# SQL folder of each kernel unit, and the function that makes further migrations, if there is one.
_KERNEL: tuple[tuple[str, str, str | None], ...] = (
    ("kernel.platform", "kernel/platform/sql", None),
    ("kernel.db", "kernel/db/sql", None),
    ("kernel.privacy", "kernel/privacy/sql", None),
    ("kernel.jobs", "kernel/jobs/sql", "casebase.kernel.jobs.pgmq_install:migrations"),
    ("kernel.console", "console/sql", None),
    ("kernel.delivery", "kernel/delivery/sql", None),
    ("kernel.monitoring", "kernel/monitoring/sql", None),
)
_REPEATABLE_ORDER = ("functions", "views", "triggers.sql", "access.sql", "seed.sql")
_VERSIONED = re.compile(r"(\d{14})_(\w+)\.sql")
_REQUIRES = re.compile(r"^-- requires:(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """A versioned change, applied once; not frozen where it is generated SQL that may differ by release."""

    version: str
    name: str
    sql: str
    down: str = ""
    is_frozen: bool = True

    @property
    def path(self) -> str:
        """The file's path inside its unit."""
        return f"migrations/{self.version}_{self.name}.sql"

    @property
    def checksum(self) -> str:
        """The fingerprint of the SQL."""
        return _checksum(self.sql)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A file that may run any number of times; ``-- requires: views/a.sql`` names what goes before it."""

    path: str
    sql: str

    @property
    def checksum(self) -> str:
        """The fingerprint of the SQL."""
        return _checksum(self.sql)

    @property
    def requires(self) -> tuple[str, ...]:
        """The paths of the files that must have run before."""
        return tuple(
            path for line in _REQUIRES.findall(self.sql) for path in re.split(r"[,\s]+", line) if path
        )


@dataclass(frozen=True)
class Unit:
    """One SQL folder: the kernel's parts and each module are one. It is applied whole before the next."""

    name: str
    folder: Traversable
    extra_migrations: tuple[Migration, ...] = ()
    requires: tuple[str, ...] = ()

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """The versioned files and the generated ones, by version."""
        return tuple(sorted((*self._versioned_files(), *self.extra_migrations), key=lambda m: m.version))

    @cached_property
    def repeatables(self) -> tuple[Repeatable, ...]:
        """The repeatable files: functions, views, triggers, access, seed; by name, required ones first."""
        found: dict[str, Repeatable] = {}
        for name in _REPEATABLE_ORDER:
            entry = self.folder / name
            for file in _sql_files(entry):
                path = name if name == file.name else f"{name}/{file.name}"
                found[path] = Repeatable(path, file.read_text("utf-8"))
        unknown = {path for file in found.values() for path in file.requires} - found.keys()
        if unknown:
            raise MigrationOrderError(
                f"{self.name} requires files it does not have: {', '.join(sorted(unknown))}."
            )
        ordered: dict[str, Repeatable] = {}

        def place(path: str, trail: tuple[str, ...]) -> None:
            if path in trail:
                raise MigrationOrderError(
                    f"{self.name}: files require each other: {' → '.join((*trail, path))}."
                )
            for requirement in found[path].requires:
                place(requirement, (*trail, path))
            ordered.setdefault(path, found[path])

        for path in found:
            place(path, ())
        return tuple(ordered.values())

    def _versioned_files(self) -> Iterable[Migration]:
        folder = self.folder / "migrations"
        for file in _sql_files(folder):
            if file.name.endswith(".down.sql"):
                continue
            match = _VERSIONED.fullmatch(file.name)
            if match is None:
                raise MigrationOrderError(f"{self.name}: {file.name} is not named <14 digits>_<name>.sql.")
            down = folder / f"{match[1]}_{match[2]}.down.sql"
            yield Migration(
                match[1], match[2], file.read_text("utf-8"), down.read_text("utf-8") if down.is_file() else ""
            )


def units(modules: Iterable[Module] = ()) -> tuple[Unit, ...]:
    """Return the kernel's units and those of ``modules`` in the order they are applied in.

    Raises ``MigrationOrderError`` when two files share a version: the ledger knows a file by that alone.
    """
    root = files("casebase")  # not of each package: importing the console to find its folder costs a second
    kernel = (Unit(name, root / folder, _generated(extra)) for name, folder, extra in _KERNEL)
    found = (*kernel, *(Unit(module.name, module.sql, requires=module.requires) for module in modules))
    owners: dict[str, Unit] = {}
    for unit in found:
        for version in (migration.version for migration in unit.migrations):
            if version in owners:
                raise MigrationOrderError(
                    f"{owners[version].name} and {unit.name} both have version {version}."
                )
            owners[version] = unit
    return found


def _sql_files(entry: Traversable) -> list[Traversable]:
    """Return the file itself, or the folder's SQL files by name; nothing where there is neither."""
    if entry.is_dir():
        return sorted((file for file in entry.iterdir() if file.name.endswith(".sql")), key=lambda f: f.name)
    return [entry] if entry.is_file() else []


def _generated(reference: str | None) -> tuple[Migration, ...]:
    """Return the migrations that a function makes as (version, name, sql)."""
    if reference is None:
        return ()
    return tuple(
        Migration(version, name, sql, is_frozen=False) for version, name, sql in resolve(reference)()
    )


def _checksum(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
