"""What a database holds, to compare before and after: a refusal leaves every table unchanged."""

from __future__ import annotations

import asyncpg


async def all_rows(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Every row of every table of the database, as text."""
    tables = await connection.fetch(
        """
        select format('%I.%I', n.nspname, c.relname) as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
        order by 1
        """
    )
    # One statement: a hundred would take a hundred times as long to be sent.
    query = " union all ".join(
        f"select '{table}', array(select t::text from {table} t)" for (table,) in tables
    )
    return dict(await connection.fetch(query))
