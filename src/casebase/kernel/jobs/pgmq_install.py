"""Bring pgmq: the server's extension where there is one (Supabase), else the SQL in the package ``pgmq``."""

from __future__ import annotations

from importlib.resources import files

# The extension wins because only it can be upgraded in place. An existing pgmq of either kind is left alone.
_GUARD = """\
do $casebase_guard$
begin
    if to_regclass('pgmq.meta') is not null then
        return;
    end if;
    if exists (select from pg_available_extensions where name = 'pgmq') then
        create extension pgmq;
        return;
    end if;
    execute $casebase_pgmq$
{sql}
$casebase_pgmq$;
end
$casebase_guard$;
"""


def migrations() -> list[tuple[str, str, str]]:
    """Return pgmq's migration as (version, name, sql); it sorts before the unit's own and may run twice."""
    shipped = files("pgmq").joinpath("sql", "pgmq.sql").read_text(encoding="utf-8")
    return [("20261121000399", "pgmq", _GUARD.format(sql=shipped))]
