"""Take a module out of a database, its rows kept in a dump, and bring it back from there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace as with_changes
from pathlib import Path
from typing import Final

import asyncpg

from casebase.kernel.migrate.dump import Manifest, Table, load_dump, opened_dump, quoted, write_dump
from casebase.kernel.migrate.errors import (
    MigrationFailedError,
    MigrationIrreversibleError,
    ModuleAppliedError,
    ModuleNotAppliedError,
    ModuleRequiredError,
    RestoreFailedError,
)
from casebase.kernel.migrate.ledger import Applied, Ledger
from casebase.kernel.migrate.runner import Progress, apply_locked, connected, run_script
from casebase.kernel.migrate.unit import Migration, Unit, units
from casebase.kernel.module import Module

_LOCK_TIMEOUT: Final = "set local lock_timeout = '10s'"


async def tables_lost_by_down(url: str, module: str, modules: Sequence[Module]) -> tuple[Table, ...]:
    """Return the tables, with their row counts, that ``migrate_down`` would drop; change nothing.

    Raises as ``migrate_down`` does. The removal is tried in a transaction that is rolled back, so this is what it
    does and not what it says; clients of the module's tables wait for that moment.
    """
    async with _locked_transaction(url, module, modules) as (connection, unit, applied):
        return await _lost_tables(connection, unit, applied)


async def migrate_down(url: str, module: str, modules: Sequence[Module], *, dump: Path) -> tuple[Table, ...]:
    """Write ``module``'s rows to ``dump``, drop what it brought, and return the tables that are gone.

    ``modules`` are the installed ones. Dump and removal see the same rows: both are one transaction.
    Raises ``DumpExistsError``, ``ModuleNotAppliedError``, ``ModuleRequiredError`` or ``MigrationIrreversibleError``,
    nothing changed.
    """
    async with _locked_transaction(url, module, modules) as (connection, unit, applied):
        lost = await _lost_tables(connection, unit, applied)
        for table in lost:
            await connection.execute(
                f"lock table {quoted(table.schema)}.{quoted(table.name)} in access exclusive mode"
            )
        lost = await _counted(connection, lost)
        await write_dump(connection, Manifest(module, lost), dump)
        await _run_down(connection, unit, applied)
        await Ledger(connection).forget_unit(unit)
    return lost


async def restore(
    url: str,
    dump: Path,
    modules: Sequence[Module],
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Bring the dumped module up and load its rows; a module that is there is refused unless ``replace``.

    What it requires comes up with it; other modules that are not there stay away, for a dump of their own.
    First, what is there is brought up to date as by ``migrate_up``; the rest is one transaction, all of it or nothing.
    Raises ``DumpUnreadableError``, ``MigrationFailedError``, ``RestoreFailedError`` when the database refuses a row,
    ``ModuleNotAppliedError`` when the dumped module is not installed here.
    """
    with opened_dump(dump) as (manifest, archive):
        unit, every = _find(manifest.module, modules), units(modules)
        async with connected(url) as connection:
            ledger = Ledger(connection)
            async with ledger.locked():
                applied = await ledger.read()
                if _applied_migrations(unit, applied) and not replace:
                    raise ModuleAppliedError(hint="With --replace its rows give way to the dump's.")
                there = tuple(other for other in every if _is_there(other, applied, modules))
                await apply_locked(connection, there, progress=progress)
                needed = _needed(unit, modules) - {other.name for other in there}
                async with connection.transaction():
                    # After those that are there: none of their files runs again, to hold their locks while rows load.
                    wanted = (*there, *(other for other in every if other.name in needed))
                    await apply_locked(connection, wanted, progress=progress)
                    await connection.execute(_LOCK_TIMEOUT)
                    try:
                        await load_dump(connection, manifest, archive)
                    except asyncpg.PostgresError as error:
                        raise _restore_failure(error) from error
    return manifest


@asynccontextmanager
async def _locked_transaction(
    url: str, module: str, modules: Sequence[Module]
) -> AsyncIterator[tuple[asyncpg.Connection, Unit, Applied]]:
    unit = _find(module, modules)
    async with connected(url) as connection:
        ledger = Ledger(connection)
        async with ledger.locked():
            applied = await ledger.read()
            if not _applied_migrations(unit, applied):
                raise ModuleNotAppliedError(f"Module {module!r} is not in this database.")
            for other in units(modules):
                if module in other.requires and _applied_migrations(other, applied):
                    raise ModuleRequiredError(
                        f"Module {other.name!r} requires {module!r}.",
                        hint=f"Take it down first: casebase migrate down {other.name}",
                    )
            async with connection.transaction():
                await connection.execute(_LOCK_TIMEOUT)
                yield connection, unit, applied


def _find(module: str, modules: Sequence[Module]) -> Unit:
    if module not in {candidate.name for candidate in modules}:
        names = ", ".join(candidate.name for candidate in modules) or "none"
        raise ModuleNotAppliedError(f"No module {module!r} is installed.", hint=f"Installed: {names}.")
    return next(unit for unit in units(modules) if unit.name == module)


def _is_there(unit: Unit, applied: Applied, modules: Sequence[Module]) -> bool:
    """Tell whether the unit is the kernel's, which always is, or a module in the database."""
    return bool(_applied_migrations(unit, applied)) or unit.name not in {module.name for module in modules}


def _needed(unit: Unit, modules: Sequence[Module]) -> set[str]:
    """Return the unit's name and those of all that it requires, through others too."""
    return {unit.name}.union(*(_needed(_find(name, modules), modules) for name in unit.requires))


def _applied_migrations(unit: Unit, applied: Applied) -> list[Migration]:
    return [migration for migration in unit.migrations if applied.has(unit, migration)]


async def _lost_tables(connection: asyncpg.Connection, unit: Unit, applied: Applied) -> tuple[Table, ...]:
    before = await _tables(connection)
    trial = connection.transaction()
    await trial.start()
    try:
        await _run_down(connection, unit, applied)
        after = {(table.schema, table.name) for table in await _tables(connection)}
    finally:
        await trial.rollback()
    return await _counted(connection, [table for table in before if (table.schema, table.name) not in after])


async def _tables(connection: asyncpg.Connection) -> list[Table]:
    rows = await connection.fetch(
        """
        select n.nspname, c.relname,
               array(select a.attname::text from pg_attribute a
                     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                     order by a.attnum) as columns,
               array(select p.relnamespace::regnamespace::text || '.' || p.relname
                     from pg_inherits h join pg_class p on p.oid = h.inhrelid
                     where h.inhparent = c.oid and p.relispartition order by 1) as partitions
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema$)'
        order by n.nspname collate "C", c.relname collate "C"
        """
    )
    return [
        Table(row["nspname"], row["relname"], tuple(row["columns"]), 0, tuple(row["partitions"]))
        for row in rows
    ]


async def _counted(connection: asyncpg.Connection, tables: Iterable[Table]) -> tuple[Table, ...]:
    async def count(table: Table) -> int:
        source = f"{quoted(table.schema)}.{quoted(table.name)}"
        return int(await connection.fetchval(f"select count(*) from {source}"))  # noqa: S608

    return tuple([with_changes(table, row_count=await count(table)) for table in tables])


async def _run_down(connection: asyncpg.Connection, unit: Unit, applied: Applied) -> None:
    # The scheduler notes the module's rules, which hold on to its queues; no migration made them.
    await connection.execute("delete from casebase.schedules where module = $1", unit.name)
    for migration in reversed(_applied_migrations(unit, applied)):
        if not migration.down:
            raise MigrationIrreversibleError(f"{migration.path} has no .down.sql beside it.")
        try:
            await run_script(connection, migration.down)
        except asyncpg.PostgresError as error:
            path = migration.path.replace(".sql", ".down.sql")
            raise MigrationFailedError(
                f"{path}: {error.args[0]}", hint=getattr(error, "hint", None)
            ) from error


def _restore_failure(error: asyncpg.PostgresError) -> RestoreFailedError:
    table = f"{error.schema_name}.{error.table_name}" if getattr(error, "table_name", None) else None
    constraint = getattr(error, "constraint_name", None)
    # COPY tells its line and column, then the value, which is somebody's.
    place = table or (getattr(error, "context", None) or "").partition(":")[0] or "The dump"
    match error:
        case asyncpg.ForeignKeyViolationError():
            remedy = f"{error.detail} Bring back the row that is meant, then restore again."
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError():
            remedy = (
                "Restore with the release of Casebase that wrote the dump, then migrate up with this one."
            )
        case asyncpg.LockNotAvailableError() | asyncpg.DeadlockDetectedError():
            remedy = "Somebody is using the tables: stop the server and the workers, then restore again."
        case _:
            remedy = "Mend what the message tells, then restore again."
    return RestoreFailedError(
        f"{place}: {error.args[0]}",
        detail={"table": table, "constraint": constraint, "sqlstate": error.sqlstate},
        hint=f"Nothing of the restore was kept. {remedy}",
    )
