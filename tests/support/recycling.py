"""Give a test's database to the next test: a clone takes ten times as long as taking back what a test wrote.

Only rows are taken back. A database whose schema, statistics or grants have changed, or that holds much, is not given on.
Who takes back keeps the connection: what it needs of the catalogs, a new one would read again for longer than all else takes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncpg

_MOST_BYTES = 1 << 20

# Rows of the catalogs by number and latest writer. pg_statistic is among them: what ANALYZE saw would change the plans of
# the next test, and outlives what it was seen in.
_FINGERPRINT = """
    select string_agg(format('%s %s %s', name, count, latest), ', ' order by name)
    from (
        select 'class' as name, count(*), max(xmin::text::bigint) as latest from pg_class where relpersistence <> 't'
        union all select 'attribute', count(*), max(a.xmin::text::bigint)
            from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relpersistence <> 't'
        union all select 'proc', count(*), max(xmin::text::bigint) from pg_proc
        union all select 'type', count(*), max(xmin::text::bigint) from pg_type where typnamespace not in (
            select oid from pg_namespace where nspname ~ '^pg_(toast_)?temp')
        union all select 'constraint', count(*), max(xmin::text::bigint) from pg_constraint
        union all select 'trigger', count(*), max(xmin::text::bigint) from pg_trigger
        union all select 'policy', count(*), max(xmin::text::bigint) from pg_policy
        union all select 'namespace', count(*), max(xmin::text::bigint) from pg_namespace
            where nspname !~ '^pg_(toast_)?temp'
        union all select 'extension', count(*), max(xmin::text::bigint) from pg_extension
        union all select 'event_trigger', count(*), max(xmin::text::bigint) from pg_event_trigger
        union all select 'default_acl', count(*), max(xmin::text::bigint) from pg_default_acl
        union all select 'description', count(*), max(xmin::text::bigint) from pg_description
        union all select 'largeobject', count(*), max(xmin::text::bigint) from pg_largeobject_metadata
        union all select 'statistic', count(*), max(xmin::text::bigint) from pg_statistic
        union all select 'setting', count(*), max(s.xmin::text::bigint)
            from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = current_database()
        union all select 'grant ' || coalesce(datacl::text, ''), 1, 0 from pg_database where datname = current_database()
    ) catalogs
"""
_TABLES = """
    select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    order by 1
"""
_SEQUENCES = (
    "select seqrelid::regclass::text, pg_sequence_last_value(seqrelid), seqstart from pg_sequence order by 1"
)


@dataclass(frozen=True, slots=True)
class Pristine:
    """What a clone of a template holds before anybody used it."""

    fingerprint: str
    rows: dict[str, list[str]]
    sequences: dict[str, int | None]
    contents: str
    """A statement that returns each table that holds something, and each that should, with a digest of it."""
    digests: dict[str, str]


async def connect(url: str) -> asyncpg.Connection:
    """Connect to look and to take back, again and again."""
    # Neither triggers nor foreign keys: every table is put back, whatever refers to it. For good, as each change of the role
    # has every statement planned anew.
    return await asyncpg.connect(url, server_settings={"session_replication_role": "replica"})


async def look(connection: asyncpg.Connection) -> Pristine:
    """Read what a clone holds."""
    tables = [row[0] for row in await connection.fetch(_TABLES)]
    filled = [table for table in tables if await connection.fetchval(f"select exists (select from {table})")]
    contents = " union all ".join(
        f"select '{table}', count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) from {table} t"
        if table in filled
        else f"select '{table}', '' where exists (select from {table})"
        for table in tables
    )
    return Pristine(
        fingerprint=await connection.fetchval(_FINGERPRINT),
        rows={
            table: [row[0] for row in await connection.fetch(f"select t::text from {table} t")]
            for table in filled
        },
        sequences={name: last for name, last, _ in await connection.fetch(_SEQUENCES)},
        contents=contents,
        digests=dict(await connection.fetch(contents)),
    )


async def take_back(connection: asyncpg.Connection, pristine: Pristine) -> bool:
    """Take back what was written to a database; false if it is not what it was."""
    await _end_others(connection)
    if await connection.fetchval(_FINGERPRINT) != pristine.fingerprint:
        return False
    contents = await connection.fetch(pristine.contents)
    written = [table for table, digest in contents if digest != pristine.digests.get(table)]
    if await connection.fetchval(
        "select exists (select from unnest($1::text[]) t where pg_total_relation_size(t::regclass) > $2)",
        written,
        _MOST_BYTES,
    ):
        return False
    async with connection.transaction():
        if emptied := [f"delete from {table}" for table in written if table not in pristine.rows]:
            await connection.execute("; ".join(emptied))
        for table in written:
            if kept := pristine.rows.get(table):
                await connection.execute(f"delete from {table} t where t::text <> all ($1)", kept)
                if await connection.fetchval(f"select count(*) from {table}") != len(kept):
                    return False
        for name, last, start in await connection.fetch(_SEQUENCES):
            if last != (was := pristine.sequences[name]):
                await connection.execute(
                    "select setval($1::regclass, $2, $3)",
                    name,
                    start if was is None else was,
                    was is not None,
                )
    return True


async def _end_others(connection: asyncpg.Connection) -> None:
    # Most are just leaving, and what pg_terminate_backend itself awaits it looks at ten times a second.
    while await connection.fetchval(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    ):
        await asyncio.sleep(0.001)
