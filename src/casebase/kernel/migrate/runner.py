"""Bring a database to the shipped schema, or tell how far it is from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from casebase.kernel.migrate.errors import MigrationChangedError, MigrationFailedError
from casebase.kernel.migrate.ledger import Applied, Ledger
from casebase.kernel.migrate.unit import Migration, Repeatable, Unit, units
from casebase.kernel.module import Module

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the file that is next."""

_SESSION: Final = {
    "application_name": "casebase migrate",
    "search_path": "public, extensions",
    "check_function_bodies": "off",
    "client_min_messages": "warning",
    "statement_timeout": "15min",
    "idle_in_transaction_session_timeout": "5min",
}
# A lock that is not given soon is given up and asked for again: all clients queue behind a waiting ALTER.
_LOCK_TIMEOUT: Final = "5s"
_TRIES: Final = 6
# Somebody else's lock, or another database of the cluster that touched the same role in the same moment.
_PASSING: Final = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InternalServerError,
)

# PostgreSQL looks a type up among the session's temporary objects first, with an empty search_path too: whoever can
# make one could put a type, with a check that calls their code, in the way of every function that runs as its owner.
# No dump or clone keeps a database's own grants, so every run sees to it. Supabase's database is not ours to change.
_REFUSE_TEMPORARY_OBJECTS: Final = """\
do $$
begin
    if to_regrole('supabase_auth_admin') is null and exists (
        select from pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as granted
        where d.datname = current_database() and granted.grantee = 0 and granted.privilege_type = 'TEMPORARY'
    ) then
        execute format('revoke temporary on database %I from public', current_database());
    end if;
end
$$
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run changed: unit and path of every file it applied, in order."""

    applied: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """How far one unit is: its files that have not run in this form, and those changed after they ran."""

    unit: str
    versions: tuple[str, ...]
    pending: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to do."""
        return not self.pending and not self.changed


async def migrate_up(url: str, modules: Iterable[Module], *, progress: Progress | None = None) -> Report:
    """Apply what is missing of the kernel and ``modules`` to the database at ``url``, as its owner.

    Twice is harmless, and so are two runs at once: the second waits, then finds nothing to do. A versioned
    file is one transaction with its ledger row, a unit's repeatables are another: a killed run is simply run
    again. Raises ``MigrationChangedError`` before touching anything, ``MigrationFailedError`` naming the file
    and line.
    """
    return await apply_units(url, units(modules), progress=progress)


async def apply_units(url: str, wanted: tuple[Unit, ...], *, progress: Progress | None = None) -> Report:
    """Do the work of ``migrate_up`` for the given units; those they build on must be there."""
    async with connected(url) as connection, Ledger(connection).locked():
        return await apply_locked(connection, wanted, progress=progress)


async def apply_locked(
    connection: asyncpg.Connection, wanted: tuple[Unit, ...], *, progress: Progress | None = None
) -> Report:
    """Do the work of ``apply_units`` for who holds the ledger's lock, inside their transaction if they are in one."""
    ledger = Ledger(connection)
    applied = await ledger.read()
    _refuse_changed(wanted, applied)
    await ledger.create()
    await connection.execute(_REFUSE_TEMPORARY_OBJECTS)
    return await _Run(connection, ledger, wanted, progress or (lambda *_: None)).apply(applied)


async def migration_status(url: str, modules: Iterable[Module]) -> tuple[UnitStatus, ...]:
    """Compare the ledger of the database at ``url`` with the shipped files, changing nothing."""
    async with connected(url) as connection:
        applied = await Ledger(connection).read()
    return tuple(
        UnitStatus(
            unit.name,
            tuple(migration.version for migration in unit.migrations if applied.has(unit, migration)),
            tuple(file.path for file in _files(unit) if not applied.has(unit, file)),
            tuple(migration.path for migration in unit.migrations if applied.differs(unit, migration)),
        )
        for unit in units(modules)
    )


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Open the owner's connection with the settings that every migration runs under."""
    connection = await asyncpg.connect(url, timeout=10, statement_cache_size=0, server_settings=_SESSION)
    try:
        yield connection
    finally:
        await connection.close(timeout=5)


async def run_script(connection: asyncpg.Connection, sql: str) -> None:
    """Run the statements of a file, which may hold comments alone."""
    # A script without a statement ends without a status, which asyncpg does not expect.
    await connection.execute(f"{sql}\n;select")


class _Run:
    """One application of the units to a locked database."""

    def __init__(
        self, connection: asyncpg.Connection, ledger: Ledger, wanted: tuple[Unit, ...], progress: Progress
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._units = wanted
        self._progress = progress
        self._applied: list[tuple[str, str]] = []

    async def apply(self, applied: Applied) -> Report:
        self._total = _count_pending(self._units, applied)
        for index, unit in enumerate(self._units):
            missing = [migration for migration in unit.migrations if not applied.has(unit, migration)]
            for migration in missing:
                await self._in_transaction(unit, [migration], earlier=self._units[:index])
            if missing:
                applied = await self._ledger.read()
                left = sum(
                    not applied.has(later, file) for later in self._units[index:] for file in _files(later)
                )
                self._total = len(self._applied) + left
            if repeatables := _stale(unit, applied):
                await self._in_transaction(unit, repeatables)
        self._progress(len(self._applied), len(self._applied), "")
        return Report(tuple(self._applied))

    async def _in_transaction(
        self, unit: Unit, files: Sequence[Migration | Repeatable], earlier: tuple[Unit, ...] = ()
    ) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                async with self._connection.transaction():
                    await self._connection.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
                    for done, file in enumerate(files, len(self._applied)):
                        self._progress(done, self._total, f"{unit.name}/{file.path}")
                        await self._apply(unit, file, earlier)
                break
            except MigrationFailedError as error:
                if attempt == _TRIES or not isinstance(error.__cause__, _PASSING):
                    raise
            await asyncio.sleep(0.2 * 2**attempt)
        self._applied += [(unit.name, file.path) for file in files]

    async def _apply(self, unit: Unit, file: Migration | Repeatable, earlier: tuple[Unit, ...]) -> None:
        try:
            await run_script(self._connection, file.sql)
        except asyncpg.PostgresError as error:
            raise _failure(unit, file, error) from error
        await self._ledger.record(unit, file)
        if isinstance(file, Migration):
            # It may have dropped what repeatables of this unit, or of one that builds on it, had made.
            await self._ledger.forget_repeatables([other.name for other in earlier])


def _files(unit: Unit) -> Iterator[Migration | Repeatable]:
    yield from unit.migrations
    yield from unit.repeatables


def _count_pending(among: Iterable[Unit], applied: Applied) -> int:
    return sum(not applied.has(unit, file) for unit in among for file in _files(unit))


def _stale(unit: Unit, applied: Applied) -> list[Repeatable]:
    """Return the repeatables that changed, and those that require one of them."""
    stale: dict[str, Repeatable] = {}
    for file in unit.repeatables:
        if not applied.has(unit, file) or any(path in stale for path in file.requires):
            stale[file.path] = file
    return list(stale.values())


def _refuse_changed(wanted: tuple[Unit, ...], applied: Applied) -> None:
    changed = [
        f"{unit.name}/{m.path}" for unit in wanted for m in unit.migrations if applied.differs(unit, m)
    ]
    if changed:
        raise MigrationChangedError(
            f"Changed after it was applied: {', '.join(changed)}.",
            detail={"files": changed},
            hint="Restore the file as it was and put the change into a new migration.",
        )


def _failure(unit: Unit, file: Migration | Repeatable, error: asyncpg.PostgresError) -> MigrationFailedError:
    where = f"{unit.name}/{file.path}"
    position = getattr(error, "position", None)
    if position:
        where += f", line {file.sql.count(chr(10), 0, int(position) - 1) + 1}"
    return MigrationFailedError(
        f"{where}: {error.args[0]}",
        detail={"unit": unit.name, "path": file.path, "sqlstate": error.sqlstate},
        hint=getattr(error, "hint", None),
    )
