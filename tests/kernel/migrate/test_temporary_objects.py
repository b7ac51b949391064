"""Nobody but the owner makes temporary objects: types among them go before PostgreSQL's own in every function."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.migrate import migrate_up

ROLES = ("casebase_api", "anon", "authenticated", "service_role", "casebase_analyst", "casebase_ai_broker")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "create domain pg_temp.jsonb as pg_catalog.jsonb",
        "create temporary table jsonb (id int)",
        "create function pg_temp.evil() returns int language sql as 'select 1'",
    ],
)
async def test_no_role_of_the_api_can_shadow_a_type(database: str, role: str, statement: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(f"set role {role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="temporary"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_next_run_takes_the_privilege_from_a_copy_of_a_database(empty_database: str) -> None:
    await migrate_up(empty_database, ())
    connection = await asyncpg.connect(empty_database)
    try:
        name = await connection.fetchval("select quote_ident(current_database())")
        await connection.execute(f"grant temporary on database {name} to public")
        assert (await migrate_up(empty_database, ())).applied == ()
        assert not await connection.fetchval(
            "select has_database_privilege('casebase_api', current_database(), 'TEMPORARY')"
        )
    finally:
        await connection.close()
