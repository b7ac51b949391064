"""What has been applied to a database: Supabase's own table of versions, and our checksums of every file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from casebase.kernel.migrate.unit import Migration, Repeatable, Unit

# As the Supabase CLI creates it, so that either of the two may be the first to come.
SUPABASE_LEDGER: Final = """\
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
"""

_LOCK: Final = 0x6361736562617365  # "casebase" in ASCII


@dataclass(frozen=True, slots=True)
class Applied:
    """The state of one database: versions, and checksums by (unit, path)."""

    versions: frozenset[str]
    checksums: dict[tuple[str, str], str]

    def has(self, unit: Unit, file: Migration | Repeatable) -> bool:
        """Tell whether the file need not run: its version is in, or its very content ran last."""
        if isinstance(file, Migration):
            return file.version in self.versions
        return self.checksums.get((unit.name, file.path)) == file.checksum

    def differs(self, unit: Unit, migration: Migration) -> bool:
        """Tell whether a frozen migration was applied with another content."""
        known = self.checksums.get((unit.name, migration.path), migration.checksum)
        return migration.is_frozen and known != migration.checksum


class Ledger:
    """Read and write the record of what was applied, over one connection of the owner."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Keep every other runner on this database waiting; a killed one's lock ends with its connection."""
        await self._connection.execute("set lock_timeout = 0")
        await self._connection.execute("select pg_advisory_lock($1)", _LOCK)
        try:
            yield
        finally:
            if not self._connection.is_closed():
                await self._connection.execute("select pg_advisory_unlock($1)", _LOCK)

    async def create(self) -> None:
        """Make Supabase's table where it is missing."""
        await self._connection.execute(SUPABASE_LEDGER)

    async def read(self) -> Applied:
        """Return what is applied; nothing on a database that was never migrated."""
        versions: Iterable[asyncpg.Record] = ()
        checksums: Iterable[asyncpg.Record] = ()
        fetch = self._connection.fetch
        if await self._exists("supabase_migrations.schema_migrations"):
            versions = await fetch("select version from supabase_migrations.schema_migrations")
        if await self._exists("casebase.applied_files"):
            checksums = await fetch("select unit, path, checksum from casebase.applied_files")
        return Applied(
            frozenset(row["version"] for row in versions),
            {(row["unit"], row["path"]): row["checksum"] for row in checksums},
        )

    async def record(self, unit: Unit, file: Migration | Repeatable) -> None:
        """Note a file as applied, in the transaction that applied it."""
        if isinstance(file, Migration):
            await self._connection.execute(
                """
                insert into supabase_migrations.schema_migrations (version, name, statements)
                values ($1, $2, $3)
                """,
                file.version,
                file.name,
                [file.sql],
            )
        await self._connection.execute(
            """
            insert into casebase.applied_files (unit, path, checksum) values ($1, $2, $3)
            on conflict (unit, path) do update set checksum = excluded.checksum, applied_at = now()
            """,
            unit.name,
            file.path,
            file.checksum,
        )

    async def forget_repeatables(self, keep_units: list[str]) -> None:
        """Let the repeatables of all units but ``keep_units`` run again."""
        await self._connection.execute(
            "delete from casebase.applied_files where path not like 'migrations/%' and unit <> all ($1)",
            keep_units,
        )

    async def forget_unit(self, unit: Unit) -> None:
        """Take a removed unit out of the record."""
        await self._connection.execute("delete from casebase.applied_files where unit = $1", unit.name)
        await self._connection.execute(
            "delete from supabase_migrations.schema_migrations where version = any ($1)",
            [migration.version for migration in unit.migrations],
        )

    async def _exists(self, table: str) -> bool:
        return bool(await self._connection.fetchval("select to_regclass($1) is not null", table))
