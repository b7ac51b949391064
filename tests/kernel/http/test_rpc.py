"""``/rest/v1/rpc`` answers client libraries as PostgREST does."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import asyncpg
import httpx
import pytest
from supabase import AsyncClientOptions, acreate_client

from casebase.kernel.http.rpc import RpcEndpoint
from tests.kernel.http.conftest import MakeApi, bearer, make_token

JSON = {"Content-Type": "application/json"}


async def call(api: httpx.AsyncClient, function: str, arguments: Any = None, **claims: Any) -> httpx.Response:
    return await api.post(f"/rest/v1/rpc/{function}", json=arguments or {}, headers=bearer(**claims))


class TestReplies:
    @pytest.mark.parametrize(
        ("function", "arguments", "reply"),
        [
            ("add_numbers", {"a": 3}, 5),
            ("add_numbers", {"a": 3, "b": 4}, 7),
            ("echo", {"payload": {"a": [1, "ä", None]}}, {"a": [1, "ä", None]}),
            ("list_numbers", {"n": 2}, [{"number": 1, "word": "x"}, {"number": 2, "word": "xx"}]),
            ("list_numbers", {"n": 0}, []),
            ("get_null", {}, None),
        ],
    )
    async def test_scalars_sets_and_objects(
        self, api: httpx.AsyncClient, function: str, arguments: Any, reply: Any
    ) -> None:
        response = await call(api, function, arguments)

        assert (response.status_code, response.json()) == (200, reply)
        assert response.headers["content-type"] == "application/json; charset=utf-8"

    async def test_void_is_204_without_a_body(self, api: httpx.AsyncClient) -> None:
        response = await call(api, "do_nothing")

        assert (response.status_code, response.content) == (204, b"")

    async def test_numbers_keep_every_digit(self, api: httpx.AsyncClient) -> None:
        body = b'{"payload": 12345678901234567890.12345678901234567890}'

        response = await api.post("/rest/v1/rpc/echo", content=body, headers=bearer() | JSON)

        assert response.text == "12345678901234567890.12345678901234567890"

    async def test_an_empty_body_means_no_arguments(self, api: httpx.AsyncClient) -> None:
        response = await api.post("/rest/v1/rpc/get_null", headers=bearer())

        assert response.status_code == 200

    async def test_no_token_is_anon(self, api: httpx.AsyncClient) -> None:
        allowed = await api.post("/rest/v1/rpc/add_numbers", json={"a": 1})
        refused = await api.post("/rest/v1/rpc/echo", json={"payload": 1})

        assert (allowed.status_code, allowed.json()) == (200, 3)
        assert (refused.status_code, refused.json()["code"]) == (401, "42501")
        assert refused.headers["www-authenticate"] == "Bearer"

    async def test_single_asks_for_exactly_one_row(self, api: httpx.AsyncClient) -> None:
        headers = bearer() | {"Accept": "application/vnd.pgrst.object+json"}

        one = await api.post("/rest/v1/rpc/list_numbers", json={"n": 1}, headers=headers)
        two = await api.post("/rest/v1/rpc/list_numbers", json={"n": 2}, headers=headers)

        assert one.json() == {"number": 1, "word": "x"}
        assert (two.status_code, two.json()["code"]) == (406, "PGRST116")


class TestRefusals:
    @pytest.mark.parametrize(
        ("function", "arguments", "status", "code"),
        [
            ("no_such", {}, 404, "PGRST202"),
            ("add_numbers", {"unknown": 1}, 404, "PGRST202"),
            ("add_numbers", {}, 404, "PGRST202"),
            ("x" * 64, {}, 404, "PGRST202"),
            ("a%00b", {}, 404, "PGRST202"),
            ("add_numbers%3B--", {}, 404, "PGRST202"),
            ("for_service", {}, 403, "42501"),
            ("add_numbers", {"a": "seven"}, 400, "22P02"),
            ("refuse", {}, 422, "PT422"),
        ],
    )
    async def test_have_postgrests_status_and_shape(
        self, api: httpx.AsyncClient, function: str, arguments: Any, status: int, code: str
    ) -> None:
        response = await call(api, function, arguments)

        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.json().keys() == {"code", "message", "details", "hint"}

    async def test_a_functions_refusal_arrives_whole(self, api: httpx.AsyncClient) -> None:
        refusal = (await call(api, "refuse")).json()

        assert (refusal["message"], refusal["hint"]) == ("amount_too_high", "Ask for less.")
        assert "maximum" in refusal["details"]

    async def test_a_duplicates_values_never_leak(self, api: httpx.AsyncClient) -> None:
        await call(api, "add_note", {"text": "jane.doe@example.com"}, role="service_role")

        response = await call(api, "add_note", {"text": "jane.doe@example.com"}, role="service_role")

        assert (response.status_code, response.json()["code"]) == (409, "23505")
        assert "jane" not in response.text

    async def test_other_methods_and_filters_are_refused(self, api: httpx.AsyncClient) -> None:
        got = await api.get("/rest/v1/rpc/add_numbers?a=1")
        filtered = await api.post("/rest/v1/rpc/list_numbers?number=eq.1", json={"n": 3}, headers=bearer())
        other_schema = await api.post(
            "/rest/v1/rpc/get_null", headers=bearer() | {"Content-Profile": "casebase"}
        )

        assert (got.status_code, got.headers["allow"]) == (405, "POST")
        assert filtered.status_code == 400
        assert (other_schema.status_code, other_schema.json()["code"]) == (406, "PGRST106")


class TestIdempotency:
    async def test_fifty_clients_with_one_key_have_one_effect(
        self, api: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        headers = bearer(role="service_role") | {"Idempotency-Key": "once"}

        async def post() -> httpx.Response:
            return await api.post("/rest/v1/rpc/add_note", json={"text": "one"}, headers=headers)

        responses = await asyncio.gather(*(post() for _ in range(50)))

        assert {response.status_code for response in responses} == {200}
        assert len({response.text for response in responses}) == 1
        assert sum("idempotency-replayed" not in response.headers for response in responses) == 1
        assert await owner.fetchval("select count(*) from public.notes") == 1

    async def test_one_key_with_another_body_is_refused(self, api: httpx.AsyncClient) -> None:
        headers = bearer(role="service_role") | {"Idempotency-Key": "k"}
        await api.post("/rest/v1/rpc/add_note", json={"text": "one"}, headers=headers)

        response = await api.post("/rest/v1/rpc/add_note", json={"text": "two"}, headers=headers)

        assert (response.status_code, response.json()["message"]) == (422, "idempotency_key_reused")

    @pytest.mark.parametrize("key", ["", "x" * 256, "white space", "tab\t"])
    async def test_a_malformed_key_is_named(self, api: httpx.AsyncClient, key: str) -> None:
        headers = bearer() | {"Idempotency-Key": key}

        response = await api.post("/rest/v1/rpc/echo", json={"payload": 1}, headers=headers)

        assert response.status_code == 422
        assert "Idempotency-Key" in response.json()["details"]


class TestSupabaseClient:
    @pytest.mark.filterwarnings("ignore:The '(timeout|verify)' parameter:DeprecationWarning")  # its own
    async def test_calls_ours_unchanged(self, make_api: MakeApi, serve: Any) -> None:
        api = await make_api()
        anon_key = make_token(role="anon")
        async with serve(api._transport.app) as address:  # type: ignore[attr-defined]
            client = await acreate_client(address, anon_key, AsyncClientOptions(auto_refresh_token=False))
            assert (await client.rpc("add_numbers", {"a": 40}).execute()).data == 42

            client.postgrest.auth(make_token(role="authenticated"))
            rows = await client.rpc("list_numbers", {"n": 2}).execute()
            assert [row["word"] for row in rows.data] == ["x", "xx"]
            assert (await client.rpc("list_numbers", {"n": 1}).single().execute()).data["number"] == 1

            from postgrest.exceptions import APIError

            with pytest.raises(APIError) as refusal:
                await client.rpc("refuse", {}).execute()
            assert (refusal.value.code, refusal.value.message) == ("PT422", "amount_too_high")
            await client.postgrest.aclose()


async def test_the_route_is_known_to_metrics_by_its_template(api: httpx.AsyncClient) -> None:
    await call(api, "add_numbers", {"a": 1})

    exposition = (await api.get("/metrics")).text

    pattern = (
        rf'casebase_http_requests_total{{method="POST",route="{re.escape(RpcEndpoint.path)}",status="200"}}'
    )
    assert re.search(pattern, exposition)
