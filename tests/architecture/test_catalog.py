"""What holds for every object of a migrated database, whoever adds it."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest

from casebase.kernel.guard import verify_schema
from casebase.kernel.migrate import migrate_up
from tests.support.postgres import our_modules
from tests.support.requires import ROOT, requires

OURS = "n.nspname in ('public', 'casebase', 'mortgage', 'enforcement', 'judgments', 'enrichment', 'notifications', 'practice', 'frontdesk')"
"""Our schemas; ``n`` is pg_namespace."""
EXECUTABLE_BY_ANON = {"queue_job", "request_case_copilot", "log_call_outcome"}
"""Functions of ``public`` that can be called without a token; each refuses until a tenant allows it."""


SAFE_DYNAMIC_SQL = {"casebase.create_user(text,text,text,text)", "casebase.rpc(jsonb,text,jsonb,text)"}
"""Functions whose statement is made of the catalog's quoted names only, which plpgsql_check can't follow: it comes
from a query in the one, from ``casebase.call_statement`` in the other."""


async def names(url: str, query: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


def test_every_sql_function_pins_its_search_path() -> None:
    pinned = re.compile(r"set search_path = ''", re.IGNORECASE)
    created = re.compile(r"^create (?:or replace )?(?:function|procedure)\b", re.IGNORECASE | re.MULTILINE)
    files = sorted((ROOT / "src").glob("**/sql/**/*.sql"))
    assert files

    def is_lax(file: Path) -> bool:
        sql = file.read_text(encoding="utf-8")
        return len(created.findall(sql)) > len(pinned.findall(sql))

    assert [str(file.relative_to(ROOT)) for file in files if is_lax(file)] == []


async def test_every_function_of_ours_has_an_empty_search_path(database: str) -> None:
    lax = await names(
        database,
        f"""select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where {OURS} and not coalesce(p.proconfig, '{{}}') @> array['search_path=""']
              and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')""",
    )
    assert lax == []


async def test_no_definer_function_is_in_public(database: str) -> None:
    definers = "select oid::regprocedure::text from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
    assert await names(database, definers) == []


async def test_every_public_table_has_row_level_security(database: str) -> None:
    open_tables = """select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity"""
    assert await names(database, open_tables) == []


async def test_what_has_no_row_level_security_is_granted_to_the_service_at_most(database: str) -> None:
    """Tables of a module's own schema, which no API exposes, are read and written by definer functions."""
    granted = f"""
        select format('%s: %s on %s', g.grantee::regrole, g.privilege_type, c.oid::regclass)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) g
        where {OURS} and c.relkind in ('r', 'p') and not c.relrowsecurity
          and g.grantee not in (c.relowner, 'service_role'::regrole)"""
    assert await names(database, granted) == []


async def test_every_public_view_runs_as_its_caller(database: str) -> None:
    definers = """select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'v'
          and not coalesce(reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']"""
    assert await names(database, definers) == []


async def test_no_function_of_ours_is_executable_by_everybody(database: str) -> None:
    open_functions = f"""
        select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
               aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as granted
        where {OURS} and granted.grantee = 0 and granted.privilege_type = 'EXECUTE'
          and p.prorettype <> 'trigger'::regtype"""
    assert await names(database, open_functions) == []


async def test_anon_may_call_only_what_is_listed(database: str) -> None:
    callable_by_anon = """select proname from pg_proc
        where pronamespace = 'public'::regnamespace and has_function_privilege('anon', oid, 'execute')"""
    assert set(await names(database, callable_by_anon)) == EXECUTABLE_BY_ANON


@pytest.mark.usefixtures("database")  # with it come the roles, which are the whole server's
async def test_supabases_default_privileges_add_nothing(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        # In schema public, Supabase gives its API roles everything on whatever its owner creates.
        for kind in ("tables", "functions", "sequences"):
            await connection.execute(
                f"alter default privileges in schema public grant all on {kind} to anon, authenticated, service_role"
            )
    finally:
        await connection.close()
    await migrate_up(empty_database, our_modules())
    report = await verify_schema(empty_database, our_modules())
    assert [drift.object for drift in report.drift if drift.object.startswith("grant ")] == []


async def test_api_roles_may_not_truncate_refer_or_trigger(database: str) -> None:
    granted = """select format('%s: %s on %s', role, privilege, c.oid::regclass)
        from pg_class c,
             unnest(array['anon', 'authenticated', 'service_role']) as role,
             unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER']) as privilege
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
          and has_table_privilege(role, c.oid, privilege)"""
    assert await names(database, granted) == []


async def test_every_function_says_what_it_does(database: str) -> None:
    silent = """select oid::regprocedure::text from pg_proc
        where pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') is null"""
    assert await names(database, silent) == []


async def test_every_public_table_says_what_it_holds(database: str) -> None:
    silent = """select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
          and obj_description(oid, 'pg_class') is null"""
    assert await names(database, silent) == []


@requires("postgresql15")
@requires("plpgsql_check")
async def test_plpgsql_check_finds_nothing(debian_database: str) -> None:
    connection = await asyncpg.connect(debian_database)
    try:
        await connection.execute("create extension plpgsql_check")
        # A trigger function is checked once for each table it is on.
        found = await connection.fetch(
            f"""select p.oid::regprocedure::text as function, c.*
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace
            join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
            left join pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal,
            lateral plpgsql_check_function(
                p.oid, coalesce(t.tgrelid, 0), oldtable => t.tgoldtable, newtable => t.tgnewtable,
                security_warnings => p.oid::regprocedure::text <> all ($1), performance_warnings => false, extra_warnings => true
            ) as c(line)
            where {OURS} and (p.prorettype <> 'trigger'::regtype or t.oid is not null)
            order by 1""",
            list(SAFE_DYNAMIC_SQL),
        )
    finally:
        await connection.close()
    problems = "\n".join(f"{row['function']}: {row['line']}" for row in found)
    assert problems == ""
