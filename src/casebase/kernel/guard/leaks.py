"""Look for given terms everywhere a database can keep them: every column of every table, and its statistics.

Terms are compared without regard to case; those that are telephone or account numbers also without the signs that part
their digits. What is found is told by place and count, never by value.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.migrate import connected

MIN_LENGTH: Final = 3
"""A shorter term is part of too much else."""

_NUMBER: Final = re.compile(r"[+(]?\d[\d ().-]{5,}\d")
_PARTING: Final = "[ ().-]"

# Everything that stores rows; views show what tables hold, and TOAST what their columns do.
_COLUMNS: Final = """
    select format('%I.%I', n.nspname, c.relname) as source,
           array_agg(a.attname::text order by a.attnum) as names,
           array_agg(case when a.atttypid = 'bytea'::regtype
                          then format('encode(t.%I, ''escape'')', a.attname)
                          else format('t.%I::text', a.attname) end order by a.attnum) as texts
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
    group by n.nspname, c.relname
    order by n.nspname collate "C", c.relname collate "C"
"""

# Names are quoted by the server; terms are parameters.
_COUNT: Final = """
    select {counts} from {source} t
"""
_COUNT_COLUMN: Final = """count(*) filter (where exists (
        select from unnest($1::text[]) w where position(w in lower({text})) > 0)
    or exists (select from unnest($2::text[]) d where position(d in regexp_replace({text}, $3, '', 'g')) > 0))"""

_STATISTICS: Final = """
    select format('%s.%s.%s', s.schemaname, s.tablename, s.attname) as place, count(*) as found
    from (
        select schemaname, tablename, attname, most_common_vals::text as kept from pg_catalog.pg_stats
        union all select schemaname, tablename, attname, histogram_bounds::text from pg_catalog.pg_stats
        union all select schemaname, tablename, attname, most_common_elems::text from pg_catalog.pg_stats
        union all select schemaname, tablename, statistics_name, most_common_vals::text from pg_catalog.pg_stats_ext
    ) s
    where s.schemaname not in ('pg_catalog', 'information_schema')
      and (exists (select from unnest($1::text[]) w where position(w in lower(s.kept)) > 0)
           or exists (select from unnest($2::text[]) d where position(d in regexp_replace(s.kept, $3, '', 'g')) > 0))
    group by 1 order by 1
"""


@dataclass(frozen=True, slots=True)
class Leak:
    """A place that holds a term: ``schema.table.column``, and in how many rows (or kinds of statistics)."""

    place: str
    count: int
    is_statistics: bool = False


@dataclass(frozen=True, slots=True)
class Scanned:
    """One source that was read, and what was found there."""

    source: str
    column_count: int
    leaks: tuple[Leak, ...]


async def scan(url: str, terms: Iterable[str]) -> AsyncIterator[Scanned]:
    """Read every table of the database at ``url`` as its owner, then the statistics; yield each as it is done.

    Raises ``InvalidInputError`` without terms, or for one shorter than ``MIN_LENGTH``.
    """
    words, numbers = _prepared(terms)
    async with (
        connected(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        for table in await connection.fetch(_COLUMNS):
            yield await _scan_table(connection, table, words, numbers)
        rows = await connection.fetch(_STATISTICS, words, numbers, _PARTING)
        leaks = tuple(Leak(row["place"], row["found"], is_statistics=True) for row in rows)
        yield Scanned("pg_stats", 1, leaks)


async def _scan_table(
    connection: asyncpg.Connection, table: asyncpg.Record, words: Sequence[str], numbers: Sequence[str]
) -> Scanned:
    counts = ", ".join(_COUNT_COLUMN.format(text=text) for text in table["texts"])
    row = await connection.fetchrow(
        _COUNT.format(counts=counts, source=table["source"]), words, numbers, _PARTING
    )
    found = zip(table["names"], row, strict=True)
    leaks = tuple(Leak(f"{table['source']}.{name}", count) for name, count in found if count)
    return Scanned(table["source"], len(table["names"]), leaks)


def _prepared(terms: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the terms in lower case, and the digits of those that are numbers."""
    given = [term.strip() for term in terms if term.strip()]
    if not given:
        raise InvalidInputError("There are no terms to look for.")
    if any(len(term) < MIN_LENGTH for term in given):
        raise InvalidInputError(f"A term has at least {MIN_LENGTH} characters.")
    numbers = [re.sub(r"\D", "", term) for term in given if _NUMBER.fullmatch(term)]
    return [term.lower() for term in given], numbers
