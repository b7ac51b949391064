"""A module's rows in one file: written before its tables are dropped, loaded again on request.

A zip of ``manifest.json`` and one file for each table in COPY's text format, which every version of PostgreSQL reads,
so it can be restored, or opened by other means, long after the server it came from is gone.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

import asyncpg

from casebase.kernel.migrate.errors import DumpExistsError, DumpUnreadableError

_FORMAT: Final = 1
_CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that hold data, how many rows it has, and the full names of its partitions."""

    schema: str
    name: str
    columns: tuple[str, ...]
    row_count: int
    partitions: tuple[str, ...] = ()

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
    """Write the tables' rows to ``path``, whole or not at all, readable by its owner alone: they are people's data.

    Raises ``DumpExistsError`` when something is there.
    """
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
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(path))
            content = json.loads(archive.read("manifest.json"))
            if content["format"] != _FORMAT:
                raise DumpUnreadableError(f"{path} was written by a newer Casebase.")
            manifest = Manifest(content["module"], tuple(map(_table, content["tables"])))
        except (OSError, zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError) as error:
            raise DumpUnreadableError(f"{path} cannot be read as a dump: {error}") from error
        yield manifest, archive


async def load_dump(connection: asyncpg.Connection, manifest: Manifest, archive: zipfile.ZipFile) -> None:
    """Replace the tables' rows with the dump's, in the caller's transaction: no trigger fires, every key is checked.

    Raises ``DumpUnreadableError`` when the archive breaks off, the driver's own error when the database refuses a row.
    """
    tables = manifest.tables
    await _make_queues(connection, tables)
    await _make_partitions(connection, manifest)
    # A table whose rows wait for their keys' check, as a seed's may, can be neither altered nor emptied.
    await connection.execute("set constraints all immediate; set constraints all deferred")
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
        await connection.copy_to_table(
            table.name,
            schema_name=table.schema,
            columns=list(table.columns),
            source=_chunks(archive, table.full_name),
        )
    await connection.execute("set constraints all immediate")
    for key in foreign_keys:
        await connection.execute(f"alter table {key['table']} alter constraint {key['name']} {key['state']}")
    for name in names:
        await connection.execute(f"alter table {name} enable trigger user")
    await _advance_sequences(connection, names)


async def _make_queues(connection: asyncpg.Connection, tables: Sequence[Table]) -> None:
    """Make the queues that no migration makes: a worker made them when it started."""
    for table in tables:
        if table.schema == "pgmq" and table.name.startswith("q_"):
            await connection.execute("select casebase.create_queue($1)", table.name.removeprefix("q_"))


async def _make_partitions(connection: asyncpg.Connection, manifest: Manifest) -> None:
    """Have the module make the partitions that its rows were in, if it says how: ``restore_partitions(text[])``."""
    function = f"{quoted(manifest.module)}.restore_partitions"
    if await connection.fetchval("select to_regprocedure($1) is not null", f"{function}(text[])"):
        partitions = [name for table in manifest.tables for name in table.partitions]
        await connection.execute(f"select {function}($1::text[])", partitions)


async def _chunks(archive: zipfile.ZipFile, name: str) -> AsyncIterator[bytes]:
    try:
        with archive.open(name) as entry:
            while chunk := entry.read(_CHUNK):
                yield chunk
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DumpUnreadableError(f"{name} cannot be read from the dump: {error}") from error


def _table(listed: dict[str, Any]) -> Table:
    columns, partitions = tuple(listed["columns"]), tuple(listed.get("partitions", ()))
    return Table(**{**listed, "columns": columns, "partitions": partitions})


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
    """Write a file that appears under its name only when it is whole and on disk, in place of no other."""
    if path.exists():
        raise DumpExistsError(
            f"{path} is there already.", hint="Name a new file: it may hold what was dropped before."
        )
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
