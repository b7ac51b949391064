"""``/v1``: module routes, problem+json, strict bodies, limits of size and rate."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import asyncpg
import httpx
import pytest

from tests.kernel.http.conftest import MakeApi, bearer
from tests.support.redis_server import redis
from tests.support.requires import requires

__all__ = ["redis"]

JSON = {"Content-Type": "application/json"}


class TestReplies:
    async def test_json_is_handed_through_with_the_routes_status(self, api: httpx.AsyncClient) -> None:
        created = await api.post("/v1/toy/notes", json={"text": "hello"})
        echoed = await api.post(
            "/v1/toy/echo", json={"text": "hi", "amount": "2.50", "due": "2026-11-21"}, headers=bearer()
        )

        assert (created.status_code, created.json()) == (201, {"note_id": 1})
        assert echoed.json() == {"text": "hi", "amount": 2.5, "due": "2026-11-21"}

    async def test_idempotency_applies_to_writes(
        self, api: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        key = {"Idempotency-Key": "once"}

        first = await api.post("/v1/toy/notes", json={"text": "hello"}, headers=key)
        second = await api.post("/v1/toy/notes", json={"text": "hello"}, headers=key)

        assert (first.json(), first.status_code) == (second.json(), second.status_code)
        assert second.headers["idempotency-replayed"] == "true"
        assert await owner.fetchval("select count(*) from public.notes") == 1

    async def test_anyones_keys_never_meet_the_services_own(
        self, api: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        key = {"Idempotency-Key": "guessed"}
        url = "/rest/v1/rpc/add_note"
        theirs = await api.post(url, json={"text": "a"}, headers=key | bearer(role="service_role"))
        assert theirs.status_code == 200

        same_body = await api.post("/v1/toy/notes", json={"text": "a"}, headers=key)
        other_body = await api.post("/v1/toy/notes", json={"text": "b"}, headers=key)

        assert same_body.status_code == 409  # notes are unique: the call was made, no reply replayed
        assert other_body.status_code == 201
        assert await owner.fetchval("select count(*) from public.notes") == 2


class TestProblems:
    @pytest.mark.parametrize(
        ("path", "fields"),
        [("a%00", ["word"]), ("a?other=%00", ["other"]), ("%00?other=a%00b&other=c", ["other", "word"])],
    )
    async def test_a_parameter_with_nul_is_named(
        self, api: httpx.AsyncClient, path: str, fields: list[str]
    ) -> None:
        refused = await api.get(f"/v1/toy/words/{path}", headers=bearer())

        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
        assert [error["field"] for error in refused.json()["errors"]] == fields

    @pytest.mark.parametrize(
        ("body", "field", "rule"),
        [
            ({}, "text", "missing"),
            ({"text": "a", "surprise": "jane"}, "surprise", "extra_forbidden"),
            ({"text": 5}, "text", "string_type"),
            ({"text": "a", "amount": -1}, "amount", "greater_than_equal"),
            ({"text": "a", "amount": "jane"}, "amount", "decimal_parsing"),
            ({"text": "a", "due": "jane's birthday"}, "due", "date_from_datetime_parsing"),
            ({"text": "JANE"}, "text", "value_error"),
        ],
    )
    async def test_name_field_and_rule_and_never_the_value(
        self, api: httpx.AsyncClient, body: Any, field: str, rule: str
    ) -> None:
        response = await api.post("/v1/toy/echo", json=body, headers=bearer())

        problem = response.json()
        assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
        assert problem["code"] == "invalid_input"
        assert [(error["field"], error["rule"]) for error in problem["errors"]] == [(field, rule)]
        assert "jane" not in response.text.lower()

    async def test_a_functions_refusal_becomes_a_problem(self, api: httpx.AsyncClient) -> None:
        response = await api.post("/v1/toy/refusals", headers=bearer() | {"X-Request-Id": "my-request-1"})

        assert response.status_code == 422
        assert response.json() == {
            "type": "urn:casebase:problem:amount_too_high",
            "title": "Amount too high",
            "status": 422,
            "code": "amount_too_high",
            "errors": [{"field": "amount", "rule": "maximum", "message": "At most 5."}],
            "hint": "Ask for less.",
            "request_id": "my-request-1",
        }

    async def test_right_token_wrong_role_is_403(self, api: httpx.AsyncClient) -> None:
        response = await api.post("/v1/toy/service", headers=bearer())

        assert (response.status_code, response.json()["code"]) == (403, "forbidden")

    async def test_a_duplicates_values_never_leak(self, api: httpx.AsyncClient) -> None:
        await api.post("/v1/toy/notes", json={"text": "jane.doe@example.com"})

        response = await api.post("/v1/toy/notes", json={"text": "jane.doe@example.com"})

        assert (response.status_code, response.json()["code"]) == (409, "already_exists")
        assert "jane" not in response.text

    async def test_a_failure_tells_nothing(self, api: httpx.AsyncClient) -> None:
        response = await api.post("/v1/toy/failures", headers=bearer())

        assert (response.status_code, response.json()["code"]) == (500, "internal_error")
        assert "jane" not in response.text

    async def test_unknown_addresses_and_methods(self, api: httpx.AsyncClient) -> None:
        missing = await api.get("/v1/nothing")
        wrong = await api.delete("/v1/toy/notes")

        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


BAD_BODIES = {
    "nothing": b" ",
    "half": b'{"text": ',
    "NaN": b'{"text": "a", "amount": NaN}',
    "Infinity": b'{"text": "a", "amount": -Infinity}',
    "a number beyond floats": b'{"text": "a", "amount": 1e999}',
    "a number of 5000 digits": b'{"text": "a", "amount": 1' + b"0" * 5000 + b"}",
    "duplicate names": b'{"text": "a", "text": "b"}',
    "duplicate names below": b'{"text": {"a": 1, "a": 1}}',
    "lone surrogate": rb'{"text": "\ud800"}',
    "lone surrogate in a name": rb'{"text": "a", "\udfff": 1}',
    "escaped NUL": rb'{"text": "a\u0000"}',
    "raw NUL": b'{"text": "a\x00"}',
    "not UTF-8": b'{"text": "\xff"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "too deep": b'{"text": ' + b"[" * 65 + b"]" * 65 + b"}",
    "very deep": b"[" * 200_000,
    "trailing comma": b'{"text": "a",}',
    "two documents": b'{"text": "a"} {}',
}


@pytest.mark.parametrize("address", ["/v1/toy/echo", "/rest/v1/rpc/echo"])
class TestStrictBodies:
    @pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
    async def test_other_than_strict_json_is_400(
        self, api: httpx.AsyncClient, address: str, body: bytes
    ) -> None:
        response = await api.post(address, content=body, headers=bearer() | JSON)

        assert response.status_code == 400
        assert response.json()["code"] in ("malformed_json", "PGRST102")

    async def test_pairs_of_surrogates_and_64_levels_are_fine(
        self, api: httpx.AsyncClient, address: str
    ) -> None:
        deep: Any = "end"
        for _ in range(62):
            deep = [deep]
        body = {"payload": deep} if "rpc" in address else {"text": "\U0001f600"}

        response = await api.post(address, content=json.dumps(body).encode(), headers=bearer() | JSON)

        assert response.status_code == 200

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
    )
    async def test_another_content_type_is_415(self, api: httpx.AsyncClient, address: str, kind: str) -> None:
        response = await api.post(address, content=b"{}", headers=bearer() | {"Content-Type": kind})

        assert response.status_code == 415

    async def test_a_large_body_is_413_declared_or_chunked(
        self, api: httpx.AsyncClient, address: str
    ) -> None:
        async def chunks() -> Any:
            for _ in range(40):
                yield b" " * 65536

        declared = await api.post(address, content=b" " * (1024 * 1024 + 1), headers=bearer() | JSON)
        chunked = await api.post(address, content=chunks(), headers=bearer() | JSON)

        assert (declared.status_code, chunked.status_code) == (413, 413)


class TestRateLimit:
    async def _statuses(self, api: httpx.AsyncClient, count: int) -> list[int]:
        return [(await api.post("/v1/toy/notes", json={"text": str(n)})).status_code for n in range(count)]

    async def test_in_memory(self, make_api: MakeApi) -> None:
        api = await make_api(public_rate_limit="3/hour")

        assert await self._statuses(api, 3) == [201] * 3
        refused = await api.post("/v1/toy/notes", json={"text": "more"})

        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert 3500 < int(refused.headers["retry-after"]) <= 3600

    async def test_anonymous_calls_of_functions_are_limited_and_tokens_are_not(
        self, make_api: MakeApi
    ) -> None:
        api = await make_api(public_rate_limit="1/hour")

        async def status(headers: dict[str, str] | None = None) -> int:
            return (await api.post("/rest/v1/rpc/add_numbers", json={"a": 1}, headers=headers)).status_code

        assert [await status(), await status(), await status(bearer()), await status(bearer())] == [
            200,
            429,
            200,
            200,
        ]

    async def test_a_forged_forwarding_header_is_ignored(self, make_api: MakeApi) -> None:
        api = await make_api(public_rate_limit="1/hour")

        first = await api.post(
            "/v1/toy/notes", json={"text": "1"}, headers={"X-Forwarded-For": "203.0.113.1"}
        )
        second = await api.post(
            "/v1/toy/notes", json={"text": "2"}, headers={"X-Forwarded-For": "203.0.113.2"}
        )

        assert (first.status_code, second.status_code) == (201, 429)

    async def test_behind_a_proxy_its_entry_counts(self, make_api: MakeApi) -> None:
        api = await make_api(public_rate_limit="1/hour", trusted_proxy_count=1)

        async def status(text: str, forwarded: str) -> int:
            headers = {"X-Forwarded-For": forwarded}
            return (await api.post("/v1/toy/notes", json={"text": text}, headers=headers)).status_code

        assert await status("1", "203.0.113.1") == 201
        assert await status("2", "203.0.113.2") == 201
        assert await status("3", "198.51.100.9, 203.0.113.1") == 429
        assert await status("4", "2001:db8::1") == 201
        assert await status("5", "2001:db8::2") == 429
        # Some proxies note the port too, which is another one for every connection.
        assert await status("6", "203.0.113.1:50001") == 429
        assert await status("7", "[2001:db8::3]:50001") == 429


@requires("redis")
class TestSharedRateLimit:
    async def test_processes_share_one_count_without_addresses(
        self, make_api: MakeApi, redis: tuple[str, subprocess.Popen[bytes]]
    ) -> None:
        from redis.asyncio import Redis

        url, process = redis
        one, other = [await make_api(public_rate_limit="2/hour", redis_url=url) for _ in range(2)]

        statuses = [
            (await api.post("/v1/toy/notes", json={"text": str(n)})).status_code
            for n, api in enumerate((one, other, one))
        ]
        assert statuses == [201, 201, 429]
        async with Redis.from_url(url) as client:
            assert not any(b"127.0.0.1" in key for key in await client.keys())

        process.kill()
        process.wait()
        kept = [(await one.post("/v1/toy/notes", json={"text": f"kept {n}"})).status_code for n in range(3)]
        assert kept == [201, 201, 429]
