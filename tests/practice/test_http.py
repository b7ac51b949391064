"""``/v1/practice``: typed routes over the RPCs, for people, administrators and services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.practice.conftest import MakeSession, People
from tests.support.refusals import problem_of
from tests.support.tokens import bearer

V1 = "/v1/practice"
NO_ID = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://casebase{V1}") as client:
        yield client


def ok(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


async def test_a_person_practises(http: httpx.AsyncClient, people: People) -> None:
    http.headers.update(bearer(people.learner))
    assert len(ok(await http.get("/scenarios"))["items"]) == 3
    assert ok(await http.get("/sessions/active")) is None
    started = ok(await http.post("/sessions", json={"scenario_id": 2}), 201)
    session = f"/sessions/{started['session']['session_id']}"
    words = {"chat_type": "main", "content": "Ich bin Jonas' Nachbar. Und du?"}
    said = f"{session}/messages/{uuid4()}"
    assert [ok(await http.put(said, json=words))["is_repeated"] for _ in range(2)] == [False, True]
    after = started["messages"][-1]["timestamp"]
    listed = ok(await http.get(f"{session}/messages", params={"after": after}))["items"]
    assert [message["content"] for message in listed] == [words["content"]]
    assert ok(await http.get("/sessions/active"))["progress"]["message_count_main"] == 2
    assert ok(await http.post(f"{session}/complete"))["is_repeated"] is False
    assert len(ok(await http.get("/sessions", params={"limit": 5}))["items"]) == 1
    other = ok(await http.post("/sessions", json={"scenario_id": 1}), 201)["session"]["session_id"]
    assert ok(await http.delete(f"/sessions/{other}"))["session_id"] == other
    assert ok(await http.get("/profile"))["allowance"]["remaining"] == 2
    assert ok(await http.delete("/account"))["deleted"] == {"sessions": 1, "messages": 3}
    assert (await http.get("/profile")).status_code == 403


async def test_the_log_and_the_cleanup(http: httpx.AsyncClient, people: People) -> None:
    admin, service = bearer(people.admin), bearer(SERVICE)
    event = {"level": "warn", "event_type": "api_retry_attempted", "metadata": {"attempt": 2}}
    assert ok(await http.post("/log", json=event, headers=service), 201) == {"logged": 1}
    [found] = ok(await http.get("/log", params={"level": "warn"}, headers=admin))["items"]
    assert found["metadata"] == {"attempt": 2}
    none = {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    assert ok(await http.get("/log", params=none, headers=admin))["items"] == []
    assert ok(await http.get("/log/rates", params=none, headers=admin))["rates"] == []
    assert set(ok(await http.get("/cleanup", headers=service)).values()) == {0}
    for what in ("answers", "sessions", "logs", "weeks"):
        assert ok(await http.post(f"/cleanup/{what}", headers=service)) == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/sessions", {"scenario_id": "1"}, 422, "invalid_input"),
        ("POST", "/sessions", {"scenario_id": 1}, 409, "session_active"),
        ("POST", "/sessions", {"scenario_id": 99}, 404, "scenario_not_found"),
        ("PUT", f"/sessions/{NO_ID}/messages/{NO_ID}", {"chat_type": "main", "content": " "}, 422, "invalid_input"),
        ("PUT", f"/sessions/{NO_ID}/messages/{NO_ID}", {"chat_type": "main", "content": "Ja"}, 404, "session_not_found"),
        ("POST", f"/sessions/{NO_ID}/complete", None, 404, "session_not_found"),
        ("DELETE", "/sessions/active", None, 422, "invalid_input"),
        ("GET", "/sessions?limit=201", None, 422, "invalid_input"),
        ("GET", "/sessions?before=2026-06-15T12:00:00", None, 422, "invalid_input"),
        ("GET", "/log", None, 403, "administrator_required"),
        ("POST", "/log", {"level": "info", "event_type": "user_logout"}, 403, "forbidden"),
        ("POST", "/cleanup/sessions", None, 403, "forbidden"),
    ],
)  # fmt: skip
async def test_a_refusal_is_a_problem_and_changes_nothing(
    http: httpx.AsyncClient,
    owner: asyncpg.Connection,
    people: People,
    make_session: MakeSession,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
) -> None:
    await make_session(people.learner)
    found = await problem_of(owner, http, method, path, json=body, headers=bearer(people.learner))
    assert found == (status, code)


async def test_a_full_week_says_when_the_next_begins(
    http: httpx.AsyncClient, people: People, make_session: MakeSession
) -> None:
    for _ in range(3):
        await make_session(people.learner, main=2, is_completed=True)
    http.headers.update(bearer(people.learner))
    response = await http.post("/sessions", json={"scenario_id": 1})
    refused = ok(response, 429)
    week = ok(await http.get("/profile"))["allowance"]
    assert (refused["code"], refused["limit"]) == ("weekly_limit_reached", week["limit"])
    assert refused["resets_at"] == week["resets_at"]
    assert 0 < int(response.headers["retry-after"]) <= timedelta(days=7).total_seconds()


async def test_every_route_wants_a_token(http: httpx.AsyncClient, runtime: Runtime) -> None:
    paths = create_app(runtime).openapi()["paths"]
    ours = [(method, path) for path in paths if path.startswith(V1) for method in paths[path]]
    assert len(ours) >= 19
    for method, path in ours:
        url = f"http://casebase{path}".format(
            **dict.fromkeys(("session_id", "client_id", "answer_id"), NO_ID)
        )
        assert (await http.request(method, url)).status_code == 401, (method, path)


async def test_a_write_with_a_key_is_done_once(
    http: httpx.AsyncClient, owner: asyncpg.Connection, people: People
) -> None:
    headers = {**bearer(people.learner), "Idempotency-Key": "k1"}
    for replayed in (None, "true"):
        response = await http.post("/sessions", json={"scenario_id": 1}, headers=headers)
        assert (response.status_code, response.headers.get("Idempotency-Replayed")) == (201, replayed)
    assert await owner.fetchval("select count(*) from public.sessions") == 1
