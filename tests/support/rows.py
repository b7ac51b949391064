"""What a database holds, to compare before and after: a refusal leaves every table unchanged."""

from __future__ import annotations

import asyncpg

_COUNTED = ["call_stats", "pool_stats", "table_samples"]


async def all_rows(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Every row of every table of the database, as text, but for what monitoring counts by itself."""
    tables = await connection.fetch(
        """
        select format('%I.%I', n.nspname, c.relname) as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
          and not (n.nspname = 'casebase' and c.relname = any ($1))
        order by 1
        """,
        _COUNTED,
    )
    # One statement: a hundred would take a hundred times as long to be sent.
    query = " union all ".join(
        f"select '{table}', array(select t::text from {table} t)" for (table,) in tables
    )
    return dict(await connection.fetch(query))
