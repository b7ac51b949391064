"""Who may read and write each table, and call each function of the module.

A table or function that is new is missing here until its lines are added: the tests name it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import MakeSession, People
from tests.support.access import (
    CALLERS,
    ROLES,
    acting_as,
    assert_serves,
    functions_exposed_by,
    payload,
    privileges_of,
    relations_made_by,
    relations_shown_to,
    without_row_security,
)

OWN = ("public.profiles", "public.sessions", "public.messages")
"""Of which people read their own rows."""
SCENARIOS = "public.scenarios"
LOG = "public.logs"
EXPOSED = (*OWN, SCENARIOS, LOG)
HIDDEN = ("practice.log_keys", "practice.answers", "practice.answer_chunks", "practice.web_sessions")
"""What nobody reads but through functions."""
RELATIONS = (*EXPOSED, *HIDDEN)


def expected_privileges(role: str, relation: str) -> set[str]:
    if relation in HIDDEN or role not in ("authenticated", "service_role"):
        return set()
    if role == "service_role" and relation == SCENARIOS:
        return {"SELECT", "INSERT", "UPDATE", "DELETE"}
    return {"SELECT"}


@dataclass(frozen=True)
class World:
    """Somebody with a completed session and an active one, whose helper is answering, to name in calls."""

    learner_id: UUID
    completed_id: UUID
    session_id: UUID
    answer_id: UUID
    message_ids: tuple[UUID, ...]

    @property
    def ids(self) -> set[str]:
        """All that names something of theirs."""
        named = (self.learner_id, self.completed_id, self.session_id, self.answer_id, *self.message_ids)
        return {str(each) for each in named}

    @property
    def session(self) -> dict[str, Any]:
        return {"session_id": str(self.session_id)}


def asking(world: World, chat_type: str) -> dict[str, Any]:
    """A call of start_answer for the learner."""
    return payload(
        world.session,
        user_id=str(world.learner_id),
        chat_type=chat_type,
        content="Wie bitte?",
        client_id=str(uuid4()),
        source="scripted",
    )


@pytest.fixture
async def world(
    owner: asyncpg.Connection, service: Session, people: People, make_session: MakeSession
) -> World:
    learner_id = people.learner.sub
    assert learner_id is not None
    completed = await make_session(people.learner, main=4, is_completed=True)
    active = await make_session(people.learner, main=2)
    made = World(learner_id, completed, active, UUID(int=0), ())
    answer = await service.call("start_answer", asking(made, "helper"))
    messages = await owner.fetch("select id from public.messages")
    return World(learner_id, completed, active, UUID(answer["answer_id"]), tuple(m["id"] for m in messages))


class TestTables:
    def test_are_all_here(self) -> None:
        assert relations_made_by("practice") == set(RELATIONS)

    @pytest.mark.parametrize("role", ROLES)
    async def test_give_each_role_exactly_its_privileges(self, owner: asyncpg.Connection, role: str) -> None:
        granted = await privileges_of(owner, role, RELATIONS)
        assert granted == {relation: expected_privileges(role, relation) for relation in RELATIONS}

    async def test_have_row_level_security(self, owner: asyncpg.Connection) -> None:
        assert await without_row_security(owner, EXPOSED) == []

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize(
        ("who", "visible"),
        [
            ("learner", {*OWN, SCENARIOS}),
            ("other_learner", {"public.profiles", SCENARIOS}),
            ("admin", {"public.profiles", SCENARIOS, LOG}),
            ("other_admin", {"public.profiles", SCENARIOS}),
        ],
    )
    async def test_show_people_their_own_rows_and_administrators_the_log(
        self, owner: asyncpg.Connection, people: People, who: str, visible: set[str]
    ) -> None:
        assert await relations_shown_to(owner, getattr(people, who), EXPOSED) == visible

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize("who", ["other_learner", "admin", "other_admin"])
    async def test_show_nobody_anothers(
        self, owner: asyncpg.Connection, people: People, world: World, who: str
    ) -> None:
        async with acting_as(owner, getattr(people, who)):
            shown = {
                str(value)
                for relation in OWN
                for row in await owner.fetch(f"select * from {relation}")
                for value in row.values()
            }
        assert shown.isdisjoint(world.ids)

    @pytest.mark.usefixtures("world")
    @pytest.mark.parametrize("relation", EXPOSED)
    @pytest.mark.parametrize(
        "statement",
        [
            "update {0} set created_at = created_at",
            "delete from {0}",
            "insert into {0} select * from {0}",
            "truncate {0} cascade",
        ],
    )
    async def test_are_written_by_nobody_who_is_signed_in(
        self, owner: asyncpg.Connection, people: People, relation: str, statement: str
    ) -> None:
        for principal in (people.learner, people.admin):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with acting_as(owner, principal):
                    await owner.execute(statement.format(relation))


PEOPLE = ("other_learner", "admin", "other_admin", "learner")
# The status for whoever is refused. Who is not named is served: answered, or told that the state of things forbids it.
_OUTSIDE = {"anon": 403, "casebase_analyst": 403, "casebase_ai_broker": 403}
ANYBODY_SIGNED_IN = {**_OUTSIDE, "service": 403}
THE_OWNER_ALONE = {**ANYBODY_SIGNED_IN, "other_learner": 404, "admin": 404, "other_admin": 404}
ADMINISTRATORS = {**_OUTSIDE, "learner": 403, "other_learner": 403, "other_admin": 403}
SERVICE_ALONE = {**_OUTSIDE, **dict.fromkeys(PEOPLE, 403)}

Arguments = Callable[[World], dict[str, Any]]
DOORS: dict[str, tuple[Mapping[str, int], Arguments]] = {
    # For oneself
    "list_scenarios": (ANYBODY_SIGNED_IN, lambda _: {}),
    "get_profile": (ANYBODY_SIGNED_IN, lambda _: {}),
    "start_session": (ANYBODY_SIGNED_IN, lambda _: {"scenario_id": 1}),
    "get_active_session": (ANYBODY_SIGNED_IN, lambda _: {}),
    "list_session_history": (ANYBODY_SIGNED_IN, lambda _: {}),
    "delete_account": (ANYBODY_SIGNED_IN, lambda _: {}),
    # On what is one's own
    "append_message": (
        THE_OWNER_ALONE,
        lambda w: {**w.session, "chat_type": "main", "content": "Hallo!", "client_id": str(uuid4())},
    ),
    "list_messages": (THE_OWNER_ALONE, lambda w: w.session),
    "read_answer": (THE_OWNER_ALONE, lambda w: {"answer_id": str(w.answer_id)}),
    "complete_session": (THE_OWNER_ALONE, lambda w: w.session),
    "abandon_session": (THE_OWNER_ALONE, lambda w: w.session),
    # For who administers the installation
    "list_log_events": (ADMINISTRATORS, lambda _: payload()),
    "get_log_rates": (
        ADMINISTRATORS,
        lambda _: {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
    ),
    # For the service
    "start_answer": (SERVICE_ALONE, lambda w: asking(w, "main")),
    "add_answer_chunks": (
        SERVICE_ALONE,
        lambda w: payload(chunks=[{"answer_id": str(w.answer_id), "position": 1, "text": "So: "}]),
    ),
    "settle_answer": (SERVICE_ALONE, lambda w: payload(answer_id=str(w.answer_id))),
    "close_stale_answers": (SERVICE_ALONE, lambda _: {}),
    "log_event": (SERVICE_ALONE, lambda _: {"level": "info", "event_type": "user_logout"}),
    "log_events": (
        SERVICE_ALONE,
        lambda _: payload(events=[{"event_id": str(uuid4()), "level": "info", "event_type": "user_logout"}]),
    ),
    "count_due_cleanups": (SERVICE_ALONE, lambda _: {}),
    "delete_expired_sessions": (SERVICE_ALONE, lambda _: {}),
    "delete_old_logs": (SERVICE_ALONE, lambda _: {}),
    "reset_weekly_limits": (SERVICE_ALONE, lambda _: {}),
}


class TestFunctions:
    def test_are_all_here(self) -> None:
        assert functions_exposed_by("practice") == set(DOORS)

    @pytest.mark.parametrize("function", list(DOORS))
    async def test_serve_whom_they_are_for(
        self, api: Database, people: People, world: World, function: str
    ) -> None:
        refused, arguments = DOORS[function]
        callers = {who: getattr(people, who) for who in PEOPLE} | CALLERS
        await assert_serves(api, callers, function, refused, lambda: arguments(world))

    @pytest.mark.parametrize("function", [name for name in DOORS if name.startswith(("get", "list"))])
    async def test_tell_nobody_of_anothers(
        self, api: Database, people: People, world: World, function: str
    ) -> None:
        for who in ("other_learner", "admin", "other_admin"):
            try:
                told = await api.session(getattr(people, who)).call(function, DOORS[function][1](world))
            except RpcError as refusal:
                told = refusal.detail
            text = json.dumps(told)
            found = {each for each in world.ids if each in text}
            # The log names sessions, so that what happened in one can be followed; it names no people.
            assert found <= ({str(world.session_id)} if function == "list_log_events" else set()), who

    async def test_refuse_another_person_what_they_would_do_to_a_session(
        self, owner: asyncpg.Connection, api: Database, people: People, world: World
    ) -> None:
        before = await owner.fetch("select * from public.sessions order by id")
        for function in ("append_message", "complete_session", "abandon_session"):
            with pytest.raises(RpcError) as refused:
                await api.session(people.other_learner).call(function, DOORS[function][1](world))
            assert refused.value.code == "session_not_found"
        assert await owner.fetch("select * from public.sessions order by id") == before

    @pytest.mark.usefixtures("world")
    async def test_of_the_implementation_are_not_reachable(self, api: Database) -> None:
        for function in (
            "write_log",
            "practice.write_log",
            "reset_week",
            "close_answer",
            "sign_up",
            "user_key",
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(SERVICE).call(function, {"payload": {}})
            assert refused.value.code == "function_not_found"
