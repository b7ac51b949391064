"""Each type of event that the log knows is noted by the code that it tells of, once, and without what people wrote."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from casebase.app import build_http
from casebase.kernel.config import load_settings
from casebase.kernel.db import Principal
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.enums import EventType
from tests.practice.conftest import MakeSession, People
from tests.practice.web.conftest import EMAIL, PASSWORD, PASSWORD_HASH, sign_in, submit
from tests.support.chat_server import ChatServer, chat_server
from tests.support.tokens import bearer

SAID = "Ich heiße Magdalena Sommerfeld."
LONG_AGO = datetime.now(UTC) - timedelta(days=9)


@dataclass(frozen=True)
class World:
    """All that an event may come from."""

    owner: asyncpg.Connection
    runtime: Runtime
    people: People
    make_session: MakeSession
    model: ChatServer

    @asynccontextmanager
    async def process(self, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A client of an API process, whose log is written by the end."""
        given = {"ai_url": self.model.url, "ai_model": "small-one", **settings}
        runtime = replace(self.runtime, settings=load_settings(**given))
        app: FastAPI = build_http(runtime)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://practice.test") as client,
        ):
            yield client

    async def call(self, person: Principal, function: str, **arguments: Any) -> Any:
        return await self.runtime.session(person).call(function, arguments)

    async def start(self) -> UUID:
        """Have the learner start a session."""
        reply = await self.call(self.people.learner, "start_session", scenario_id=1)
        return UUID(reply["session"]["session_id"])

    async def ask(self, **settings: Any) -> None:
        """Have the learner ask the partner."""
        session_id = await self.make_session(self.people.learner)
        async with self.process(**settings) as client:
            await client.post(
                f"/v1/practice/sessions/{session_id}/messages",
                json={"chat_type": "main", "content": SAID, "client_id": str(uuid4())},
                headers=bearer(self.people.learner) | {"Accept": "application/json"},
            )

    @asynccontextmanager
    async def website(self) -> AsyncIterator[httpx.AsyncClient]:
        """The web client of a process, for somebody with an account."""
        await self.owner.execute("select casebase.create_user($1, $2, null)", EMAIL, PASSWORD_HASH)
        async with self.process() as client:
            yield client


Drive = Callable[[World], Awaitable[None]]
DRIVES: dict[str, Drive] = {}


def drives(*event_types: EventType) -> Callable[[Drive], Drive]:
    """Say what types of events a path must have noted."""

    def keep(drive: Drive) -> Drive:
        DRIVES.update(dict.fromkeys(event_types, drive))
        return drive

    return keep


@drives("api_call_started", "api_call_completed")
async def the_model_answers(world: World) -> None:
    world.model.streams_pieces("Guten ", "Tag!")
    await world.ask()


@drives("api_call_failed")
async def the_model_refuses(world: World) -> None:
    world.model.hook.answer = lambda _: 401
    await world.ask()


@drives("api_call_timeout")
async def the_model_is_silent(world: World) -> None:
    world.model.hook.answer = lambda _: None
    await world.ask(ai_timeout_s=0.2)


@drives("api_retry_attempted")
async def the_model_is_busy_at_first(world: World) -> None:
    world.model.streams_pieces("Guten Tag!")
    world.model.hook.answer = lambda _: 503 if len(world.model.hook.received) == 1 else 200
    await world.ask()


@drives("user_registered")
async def somebody_gets_an_account(world: World) -> None:
    await world.owner.execute("select casebase.create_user($1, $2, null)", EMAIL, PASSWORD_HASH)


@drives("user_login_success", "user_logout")
async def somebody_signs_in_and_out(world: World) -> None:
    async with world.website() as client:
        assert (await sign_in(client)).status_code == 303
        assert (await submit(client, "/practice/sign-out", "/practice/")).status_code == 303


@drives("user_login_failed")
async def somebody_mistypes_their_password(world: World) -> None:
    async with world.website() as client:
        assert (await sign_in(client, password=f"{PASSWORD}!")).status_code == 401


@drives("session_expired")
async def a_token_is_too_old(world: World) -> None:
    async with world.process() as client:
        reply = await client.post(
            "/rest/v1/rpc/get_profile", headers=bearer(world.people.learner, expires_in=-60)
        )
        assert reply.status_code == 401


@drives("account_deleted")
async def somebody_leaves(world: World) -> None:
    await world.call(world.people.learner, "delete_account")


@drives("session_created", "scenario_started", "rate_limit_checked")
async def somebody_starts(world: World) -> None:
    await world.start()


@drives("scenario_completed")
async def somebody_completes(world: World) -> None:
    session_id = await world.start()
    await world.call(
        world.people.learner,
        "append_message",
        session_id=session_id,
        chat_type="main",
        content=SAID,
        client_id=uuid4(),
    )
    await world.call(world.people.learner, "complete_session", session_id=session_id)


@drives("scenario_abandoned")
async def somebody_abandons(world: World) -> None:
    await world.call(world.people.learner, "abandon_session", session_id=await world.start())


@drives("session_restored")
async def somebody_comes_back(world: World) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    await world.make_session(world.people.learner, started_at=hour_ago, last_activity_at=hour_ago)
    assert await world.call(world.people.learner, "get_active_session")


@drives("session_expiration_cleanup", "cleanup_job_executed")
async def a_session_expires(world: World) -> None:
    await world.make_session(world.people.learner, started_at=LONG_AGO, last_activity_at=LONG_AGO)
    await world.runtime.session().call("delete_expired_sessions")


@drives("rate_limit_exceeded")
async def a_week_is_used_up(world: World) -> None:
    await world.owner.execute(
        "update public.profiles set completed_scenario_count = 3, current_week_completion_count = 3, "
        "week_reset_date = practice.next_week(now()) where id = $1",
        world.people.learner.sub,
    )
    async with world.process() as client:
        reply = await client.post(
            "/rest/v1/rpc/start_session", json={"scenario_id": 1}, headers=bearer(world.people.learner)
        )
        assert reply.status_code == 429


@drives("weekly_limit_reset")
async def a_new_week_begins(world: World) -> None:
    await world.owner.execute(
        "update public.profiles set completed_scenario_count = 1, current_week_completion_count = 1, "
        "week_reset_date = '2026-06-22Z' where id = $1",
        world.people.learner.sub,
    )
    await world.start()


@drives("database_error")
async def the_database_fails(world: World) -> None:
    await world.owner.execute("alter table public.scenarios rename to scenarios_elsewhere")
    async with world.process() as client:
        reply = await client.post("/rest/v1/rpc/list_scenarios", headers=bearer(world.people.learner))
        assert reply.status_code == 500


@drives("unknown_error")
async def our_own_code_fails(world: World) -> None:
    # The schema is of another version than the code.
    await world.owner.execute(
        'create or replace function public.list_session_history(before timestamptz default null, "limit" int default 20) '
        "returns jsonb language sql stable set search_path = '' as $$ select '{}'::jsonb $$"
    )
    async with world.website() as client:
        await sign_in(client)
        assert (await client.get("/practice/history")).status_code == 500


LEVELS = {
    "error": {"api_call_failed", "api_call_timeout", "database_error", "unknown_error"},
    "warn": {"api_retry_attempted", "rate_limit_checked", "rate_limit_exceeded", "user_login_failed"},
    "debug": {"api_call_started"},
}


@pytest.fixture
async def world(
    owner: asyncpg.Connection, runtime: Runtime, people: People, make_session: MakeSession
) -> AsyncIterator[World]:
    async with chat_server() as model:
        await owner.execute("delete from public.logs")
        yield World(owner, runtime, people, make_session, model)


def test_no_type_is_left_to_nobody() -> None:
    assert set(DRIVES) == set(get_args(EventType))


@pytest.mark.parametrize("event_type", DRIVES)
async def test_it_is_noted_by_what_happens(world: World, event_type: str) -> None:
    await DRIVES[event_type](world)

    rows = await world.owner.fetch("select * from public.logs")
    (event,) = [row for row in rows if row["event_type"] == event_type]
    assert event["level"] == next((level for level, types in LEVELS.items() if event_type in types), "info")
    text = json.dumps([dict(row) for row in rows], default=str)
    for word in (SAID, "Magdalena", "Guten", EMAIL, str(world.people.learner.sub)):
        assert word not in text


async def test_an_answer_that_the_database_fails_is_noted_too(world: World) -> None:
    world.model.streams_pieces("Guten Tag!")
    await world.owner.execute(
        "create or replace function public.add_answer_chunks(payload jsonb) returns jsonb language plpgsql "
        "set search_path = '' as $$ begin raise exception 'disk full'; end $$"
    )

    await world.ask()

    rows = await world.owner.fetch("select metadata from public.logs where event_type = 'database_error'")
    assert {json.loads(row["metadata"])["function"] for row in rows} == {"start_answer"}
