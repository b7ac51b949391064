"""The one door: casebase.rpc as the API's login role uses it."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Principal
from casebase.kernel.errors import RpcError, SchemaMissingError

USER = Principal("authenticated", sub=uuid4(), email="kim@example.com")


async def call(db: Database, principal: Principal, function: str, **arguments: object) -> object:
    return await db.session(principal).call(function, arguments)


async def refusal(db: Database, principal: Principal, function: str, **arguments: object) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call(db, principal, function, **arguments)
    return caught.value


class TestCalling:
    async def test_names_arguments_and_defaults(self, db: Database) -> None:
        assert await call(db, ANON, "add_numbers", a=3) == 5
        assert await call(db, ANON, "add_numbers", a=3, b=4) == 7

    async def test_returns_a_set_as_an_array(self, db: Database) -> None:
        rows = await call(db, USER, "list_squares", upto=3)
        assert rows == [{"n": 1, "square": 1}, {"n": 2, "square": 4}, {"n": 3, "square": 9}]

    async def test_returns_an_empty_set_as_an_empty_array(self, db: Database) -> None:
        assert await call(db, USER, "list_squares", upto=0) == []

    async def test_returns_nothing_for_void(self, db: Database) -> None:
        assert (await db.rpc(USER, "forget_it")).body is None
        assert (await db.rpc(USER, "forget_it", '{"x": 3}')).body is None

    async def test_converts_arrays(self, db: Database) -> None:
        assert await call(db, USER, "sum_all", numbers=[1, 2, 3]) == 6

    async def test_takes_one_payload(self, db: Database) -> None:
        assert await call(db, USER, "echo", payload={"a": [1]}) == {"got": {"a": [1]}, "is_null": False}

    async def test_null_is_the_databases_null(self, db: Database) -> None:
        assert await call(db, USER, "echo", payload=None) == {"got": None, "is_null": True}

    async def test_a_null_result_is_json(self, db: Database) -> None:
        assert (await db.rpc(USER, "answer_nothing", '{"payload": {}}')).body == "null"

    async def test_picks_the_overload_with_the_fewest_other_arguments(self, db: Database) -> None:
        assert await call(db, USER, "overloaded", payload={}) == "one"
        assert await call(db, USER, "overloaded", payload={}, also=1) == "two"

    async def test_runs_as_the_principal(self, db: Database) -> None:
        assert await call(db, USER, "whoami") == {
            "role": "authenticated",
            "uid": str(USER.sub),
            "email": "kim@example.com",
        }

    async def test_compiles_nothing(self, db: Database) -> None:
        async with db.pool.acquire() as connection:
            asked = (
                "select body from casebase.rpc($1::jsonb, 'setting', '{\"name\": \"jit\"}')",
                USER.claims_json,
            )
            await connection.execute("set jit = on")
            assert json.loads(await connection.fetchval(*asked)) == "off"
            assert await connection.fetchval("show jit") == "on"

    async def test_leaves_nothing_on_the_connection(self, kernel_database: str, db: Database) -> None:
        async with db.pool.acquire() as connection:
            await connection.fetchrow(
                "select * from casebase.rpc($1::jsonb, 'whoami', '{}')", USER.claims_json
            )
            row = await connection.fetchrow(
                "select current_user = session_user as is_self, auth.jwt() is null as has_no_claims"
            )
        assert dict(row) == {"is_self": True, "has_no_claims": True}


class TestRefusing:
    @pytest.mark.parametrize("name", ["no_such_function", "", " ", "public.add_numbers", "ö" * 64])
    async def test_unknown_function_is_404(self, db: Database, name: str) -> None:
        error = await refusal(db, ANON, name)
        assert (error.status, error.code) == (404, "function_not_found")

    async def test_missing_argument_is_404(self, db: Database) -> None:
        assert (await refusal(db, ANON, "add_numbers", b=1)).status == 404

    async def test_unknown_argument_is_404(self, db: Database) -> None:
        assert (await refusal(db, ANON, "add_numbers", a=1, c=1)).status == 404
        assert (await refusal(db, ANON, "echo", payload={}, c=1)).status == 404
        assert (await refusal(db, ANON, "echo")).status == 404

    async def test_wrong_type_is_400_and_does_not_echo(self, db: Database) -> None:
        error = await refusal(db, ANON, "add_numbers", a="my-secret")
        assert (error.status, error.code) == (400, "invalid_input")
        assert "my-secret" not in f"{error.message}{error.detail}{error.hint}"

    @pytest.mark.parametrize("principal", [ANON, USER])
    async def test_a_function_not_granted_is_403(self, db: Database, principal: Principal) -> None:
        error = await refusal(db, principal, "only_service")
        assert (error.status, error.code, error.sqlstate) == (403, "forbidden", "42501")

    async def test_the_grantee_may(self, db: Database) -> None:
        assert await call(db, SERVICE, "only_service") == 1

    @pytest.mark.parametrize("role", ["postgres", "casebase_api", "pg_read_all_data", None])
    async def test_a_role_not_on_the_list_is_refused(self, db: Database, role: str | None) -> None:
        with pytest.raises(asyncpg.PostgresError) as caught:
            await db.pool.fetchrow(
                "select * from casebase.rpc($1::jsonb, 'whoami', '{}')", json.dumps({"role": role})
            )
        assert caught.value.sqlstate == "PT403"

    async def test_functions_outside_public_are_unknown(self, db: Database) -> None:
        assert (await refusal(db, SERVICE, "member_tenants")).status == 404

    async def test_arguments_must_be_an_object(self, db: Database) -> None:
        with pytest.raises(RpcError) as caught:
            await db.rpc(ANON, "add_numbers", "[1, 2]")
        assert (caught.value.status, caught.value.code) == (400, "invalid_input")

    async def test_the_functions_own_refusal_keeps_code_detail_and_hint(self, db: Database) -> None:
        error = await refusal(db, USER, "write_then_fail", id=1)
        assert (error.status, error.code, error.detail, error.hint) == (
            409,
            "changed_my_mind",
            {"field": "id"},
            "Do not call this.",
        )

    async def test_a_refused_call_writes_nothing(self, db: Database, owner: asyncpg.Connection) -> None:
        await refusal(db, USER, "write_then_fail", id=1)
        assert await owner.fetchval("select count(*) from public.notes") == 0

    async def test_a_duplicate_key_does_not_tell_the_key(self, db: Database) -> None:
        await call(db, USER, "write_note", id=77, body="a")
        error = await refusal(db, USER, "write_note", id=77, body="b")
        assert (error.status, error.code) == (409, "already_exists")
        assert error.detail == {"constraint": "notes_pkey"}
        assert "77" not in f"{error.message}{error.detail}{error.hint}"

    async def test_quotes_in_names_reach_no_statement(self, db: Database) -> None:
        assert (await refusal(db, ANON, 'add_numbers"(); drop table notes; --')).status == 404
        with pytest.raises(RpcError) as caught:
            await db.session(ANON).call("add_numbers", {'a" => 1); drop table notes; --': 1})
        assert caught.value.status == 404


class TestClock:
    async def test_travels_with_the_session(self, kernel_database: str, owner: asyncpg.Connection) -> None:
        await owner.execute("set casebase.clock_offset = '3 days'")
        assert await owner.fetchval("select casebase.now() - now()") == timedelta(days=3)


async def test_a_database_without_the_schema_says_so(empty_database: str) -> None:
    async with await Database.connect(empty_database) as database:
        with pytest.raises(SchemaMissingError) as caught:
            await database.rpc(ANON, "add_numbers")
    assert caught.value.hint == "Run: casebase migrate up"
