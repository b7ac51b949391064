"""Give a test's database to the next test: a clone takes ten times as long as taking back what a test wrote.

Only rows are taken back. A database whose schema, statistics or grants have changed, or that holds much, is not given on.
"""

from __future__ import annotations

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
    tables: tuple[str, ...]
    rows: dict[str, list[str]]
    sequences: dict[str, int | None]


async def look(url: str) -> Pristine:
    """Read what the clone at ``url`` holds."""
    connection = await asyncpg.connect(url)
    try:
        tables = tuple(row[0] for row in await connection.fetch(_TABLES))
        return Pristine(
            fingerprint=await connection.fetchval(_FINGERPRINT),
            tables=tables,
            rows={
                table: [row[0] for row in await connection.fetch(f"select t::text from {table} t")]
                for table in await _filled(connection, tables)
            },
            sequences={name: last for name, last, _ in await connection.fetch(_SEQUENCES)},
        )
    finally:
        await connection.close()


async def take_back(url: str, pristine: Pristine) -> bool:
    """Take back what was written to the database at ``url``; false if it is not what it was."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        if await connection.fetchval(_FINGERPRINT) != pristine.fingerprint:
            return False
        async with connection.transaction():
            # Neither triggers nor foreign keys: every table is put back, whatever refers to it.
            await connection.execute("set local session_replication_role = replica")
            for table in await _filled(connection, pristine.tables):
                if await connection.fetchval(
                    "select pg_total_relation_size($1::regclass) > $2", table, _MOST_BYTES
                ):
                    return False
                kept = pristine.rows.get(table, [])
                await connection.execute(f"delete from {table} t where t::text <> all ($1)", kept)
            for table, rows in pristine.rows.items():
                if await connection.fetchval(f"select count(*) from {table}") != len(rows):
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
    finally:
        await connection.close()


async def _filled(connection: asyncpg.Connection, tables: tuple[str, ...]) -> list[str]:
    query = " union all ".join(f"select '{table}' where exists (select from {table})" for table in tables)
    return [row[0] for row in await connection.fetch(query)]
