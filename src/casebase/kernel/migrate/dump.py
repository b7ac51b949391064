"""A module's rows in one file: written before its tables are dropped, loaded again on request.

A zip of ``manifest.json`` and one file for each table in COPY's text format, which every version of PostgreSQL reads,
so it can be restored, or opened by other means, long after the server it came from is gone.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

import asyncpg

from casebase.kernel.migrate.errors import DumpUnreadableError

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that hold data, and how many rows it has."""

    schema: str
    name: str
    columns: tuple[str, ...]
    row_count: int

    @property
    def full_name(self) -> str:
        """The name with its schema, as people read it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dump holds."""

    module: str
    tables: tuple[Table, ...]


async def write_dump(connection: asyncpg.Connection, manifest: Manifest, path: Path) -> None:
    """Write the tables' rows to ``path``, whole or not at all, readable by its owner alone: they are people's data."""
    with _whole_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps({"format": _FORMAT, **asdict(manifest)}, indent=2))
        for table in manifest.tables:
            columns = ", ".join(map(quoted, table.columns))
            source = f"{quoted(table.schema)}.{quoted(table.name)}"
            with archive.open(table.full_name, "w", force_zip64=True) as entry:
                # A query, since COPY refuses to read a partitioned table itself.
                await connection.copy_from_query(f"select {columns} from {source}", output=entry)  # noqa: S608


@contextmanager
def opened_dump(path: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """Open a dump for ``load_dump``; raise ``DumpUnreadableError`` when it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(archive.read("manifest.json"))
            if content["format"] != _FORMAT:
                raise DumpUnreadableError(f"{path} was written by a newer Casebase.")
            tables = tuple(
                Table(**{**table, "columns": tuple(table["columns"])}) for table in content["tables"]
            )
            yield Manifest(content["module"], tables), archive
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise DumpUnreadableError(f"{path} cannot be read as a dump: {error}") from error


async def load_dump(
    connection: asyncpg.Connection, tables: Sequence[Table], archive: zipfile.ZipFile
) -> None:
    """Replace the tables' rows with the dump's, in the caller's transaction: no trigger fires, every key is checked."""
    names = [f"{quoted(table.schema)}.{quoted(table.name)}" for table in tables]
    foreign_keys = await connection.fetch(
        """
        select conrelid::regclass::text as table, quote_ident(conname) as name,
               case when condeferrable then 'deferrable ' else 'not deferrable ' end ||
               case when condeferred then 'initially deferred' else 'initially immediate' end as state
        from pg_constraint where contype = 'f' and conparentid = 0 and conrelid = any ($1::text[]::regclass[])
        """,
        names,
    )
    for name in names:
        await connection.execute(f"alter table {name} disable trigger user")
    # Tables may refer to each other in circles, so keys are checked when all rows are in.
    for key in foreign_keys:
        await connection.execute(
            f"alter table {key['table']} alter constraint {key['name']} deferrable initially deferred"
        )
    if names:
        await connection.execute(f"truncate {', '.join(names)}")
    for table in tables:
        with archive.open(table.full_name) as entry:
            await connection.copy_to_table(
                table.name, schema_name=table.schema, columns=list(table.columns), source=entry
            )
    await connection.execute("set constraints all immediate")
    for key in foreign_keys:
        await connection.execute(f"alter table {key['table']} alter constraint {key['name']} {key['state']}")
    for name in names:
        await connection.execute(f"alter table {name} enable trigger user")
    await _advance_sequences(connection, names)


async def _advance_sequences(connection: asyncpg.Connection, names: list[str]) -> None:
    """Let every identity and serial column go on after the highest value loaded."""
    columns = await connection.fetch(
        """
        select attrelid::regclass::text as table, quote_ident(attname) as column,
               pg_get_serial_sequence(attrelid::regclass::text, attname) as sequence
        from pg_attribute
        where attrelid = any ($1::text[]::regclass[]) and attnum > 0 and not attisdropped
          and pg_get_serial_sequence(attrelid::regclass::text, attname) is not null
        """,
        names,
    )
    for row in columns:
        await connection.execute(
            f"select setval('{row['sequence']}', max({row['column']})) from {row['table']} having count(*) > 0"  # noqa: S608
        )


@contextmanager
def _whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that appears under its name only when it is whole and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(f"{path.name}.part")
    staging.unlink(missing_ok=True)
    try:
        with open(staging, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


def quoted(identifier: str) -> str:
    """Quote a name from the catalog for SQL."""
    return '"' + identifier.replace('"', '""') + '"'
