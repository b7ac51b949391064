"""The live catalog as plain text: one definition for each object."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

import asyncpg

Catalog = dict[str, str]
"""Definition by object, such as ``column public.tenants.slug``."""

_QUERY: Final = (files("casebase.kernel.guard") / "catalog.sql").read_text("utf-8")
_LONE_SOURCE: Final = re.compile(
    r"^   FROM (?:[\w\".]+\.)?([\w\"]+)(?: (\w+))?;?$(?!\n     \S)", re.MULTILINE
)


async def read_catalog(connection: asyncpg.Connection) -> Catalog:
    """Read every object of ours; the text is the same whichever version of PostgreSQL tells it."""
    async with connection.transaction(readonly=True):
        # With an empty path every name is told in full.
        await connection.execute("set local search_path = ''")
        is_supabase = await connection.fetchval("select to_regrole('supabase_auth_admin') is not null")
        rows = await connection.fetch(_QUERY, is_supabase)
    return {row["object"]: _normalised(row["object"], row["definition"]) for row in rows}


def _normalised(name: str, definition: str) -> str:
    """Drop the qualifier of a view's only source: PostgreSQL 15 writes it, 16 and later do not."""
    if not name.startswith("view "):
        return definition
    for source, alias in _LONE_SOURCE.findall(definition):
        definition = re.sub(rf"(?<![\w.\"]){re.escape(alias or source)}\.(?=[\w\"*])", "", definition)
    return definition
