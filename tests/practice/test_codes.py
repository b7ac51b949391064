"""Every code that an RPC's description names is one that it refuses with, under the status that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Principal
from tests.conftest import MakePerson
from tests.practice.conftest import MakeSession, People
from tests.practice.test_access import DOORS
from tests.support.refusals import described_codes, refusal_of

NO_ID = str(UUID(int=0))
NOBODY = Principal("authenticated")
"""Signed in, but as no person."""


@dataclass(frozen=True)
class Theirs:
    """Somebody and the session that they have."""

    person: Principal
    session_id: UUID

    @property
    def session(self) -> dict[str, Any]:
        return {"session_id": str(self.session_id)}


Scene = Callable[[str], Any]
"""Makes somebody whose session is as a word says."""


@pytest.fixture
def scene(
    owner: asyncpg.Connection, make_person: MakePerson, make_session: MakeSession, people: People
) -> Scene:
    long_ago = datetime.now(UTC) - timedelta(days=8)

    async def make(state: str) -> Theirs:
        person = await make_person(None, "")
        columns: dict[str, dict[str, Any]] = {
            "talking": {"main": 3},
            "empty": {"main": 1},
            "full": {"main": 30},
            "expired": {"main": 3, "started_at": long_ago, "last_activity_at": long_ago},
            "completed": {"main": 3, "is_completed": True},
            "answering": {"main": 3},
        }
        session_id = await make_session(person, **columns[state])
        if state == "answering":
            await owner.execute(
                "insert into practice.answers (session_id, chat_type, asked_message_id, source) "
                "select session_id, chat_type, id, 'scripted' from public.messages "
                "where session_id = $1 and chat_type = 'main' and role = 'user' limit 1",
                session_id,
            )
        return Theirs(person, session_id)

    return make


def says(their: Theirs, **changes: Any) -> dict[str, Any]:
    """What somebody says to the partner."""
    words = {"chat_type": "main", "content": "Hallo!", "client_id": str(uuid4())}
    return {**their.session, **words, **changes}


def asks(their: Theirs, **changes: Any) -> dict[str, Any]:
    """What the API's process asks for somebody."""
    return {"payload": {"user_id": str(their.person.sub), "source": "scripted", **says(their, **changes)}}


_ABOUT_THE_SESSION = {
    "session_completed": "completed",
    "session_expired": "expired",
    "message_cap_reached": "full",
    "answer_in_progress": "answering",
}
# What refuses: of whom, whose session is as the word says, is called with what. Service: as the service.
Refused = tuple[str, Callable[[Theirs], dict[str, Any]]]
CASES: dict[tuple[str, str], Refused] = {
    ("start_session", "scenario_not_found"): ("completed", lambda _: {"scenario_id": 99}),
    ("start_session", "scenario_inactive"): ("completed", lambda _: {"scenario_id": 3}),
    ("start_session", "session_active"): ("talking", lambda _: {"scenario_id": 1}),
    ("start_session", "weekly_limit_reached"): ("completed", lambda _: {"scenario_id": 1}),
    ("append_message", "session_not_found"): ("talking", lambda t: says(t, session_id=NO_ID)),
    ("append_message", "client_id_reused"): ("talking", lambda t: says(t, client_id=NO_ID, content="Nein")),
    ("append_message", "invalid_input"): ("talking", lambda t: says(t, chat_type="third")),
    **{("append_message", code): (state, says) for code, state in _ABOUT_THE_SESSION.items()},
    ("start_answer", "session_not_found"): ("talking", lambda t: asks(t, session_id=NO_ID)),
    ("start_answer", "client_id_reused"): ("talking", lambda t: asks(t, client_id=NO_ID, content="Nein")),
    ("start_answer", "invalid_input"): ("talking", lambda t: asks(t, source="oracle")),
    ("start_answer", "answer_rate_exceeded"): ("talking", lambda t: asks(t, retry_after=60)),
    **{("start_answer", code): (state, asks) for code, state in _ABOUT_THE_SESSION.items()},
    ("complete_session", "session_not_found"): ("talking", lambda _: {"session_id": NO_ID}),
    ("complete_session", "session_empty"): ("empty", lambda t: t.session),
    ("complete_session", "session_expired"): ("expired", lambda t: t.session),
    ("abandon_session", "session_not_found"): ("talking", lambda _: {"session_id": NO_ID}),
    ("abandon_session", "session_completed"): ("completed", lambda t: t.session),
    ("list_messages", "session_not_found"): ("talking", lambda _: {"session_id": NO_ID}),
    ("list_session_history", "invalid_input"): ("completed", lambda _: {"limit": 201}),
    ("read_answer", "answer_not_found"): ("answering", lambda _: {"answer_id": NO_ID}),
    ("delete_account", "account_has_memberships"): ("talking", lambda _: {}),
    ("list_log_events", "administrator_required"): ("talking", lambda _: {"payload": {}}),
    ("list_log_events", "invalid_input"): ("talking", lambda _: {"payload": {"level": "loud"}}),
    ("get_log_rates", "administrator_required"): ("talking", lambda _: _PERIOD),
    ("get_log_rates", "invalid_input"): ("talking", lambda _: {**_PERIOD, "until": "2025-01-01T00:00:00Z"}),
    ("add_answer_chunks", "invalid_input"): ("answering", lambda _: {"payload": {"chunks": []}}),
    ("settle_answer", "answer_not_found"): ("talking", lambda _: {"payload": {"answer_id": NO_ID}}),
    ("settle_answer", "invalid_input"): ("talking", lambda _: {"payload": {}}),
    ("log_event", "invalid_input"): (
        "talking",
        lambda _: {"level": "info", "event_type": "user_logout", "metadata": {"said": "Hallo!"}},
    ),
    ("log_event", "constraint_violated"): (
        "talking",
        lambda _: {"level": "info", "event_type": "user_smiled"},
    ),
    ("log_events", "constraint_violated"): (
        "talking",
        lambda _: {
            "payload": {"events": [{"event_id": NO_ID, "level": "info", "event_type": "user_smiled"}]}
        },
    ),
    ("log_events", "invalid_input"): ("talking", lambda _: {"payload": {"events": [{}]}}),
    **{
        (cleanup, "invalid_input"): ("talking", lambda _: {"batch_limit": 0})
        for cleanup in (
            "close_stale_answers",
            "delete_expired_sessions",
            "delete_old_logs",
            "reset_weekly_limits",
        )
    },
}
_PERIOD = {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
_OF_PEOPLE = {name for name, (refused, _) in DOORS.items() if "service" in refused}


async def test_every_described_code_has_a_case(owner: asyncpg.Connection) -> None:
    named = set(await described_codes(owner, DOORS))
    assert {each for each in named if each[1] != "user_required"} == set(CASES)
    assert {function for function, code in named if code == "user_required"} == _OF_PEOPLE


@pytest.mark.parametrize(("function", "code"), CASES)
async def test_a_code_is_raised_and_nothing_is_changed(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    scene: Scene,
    function: str,
    code: str,
) -> None:
    state, arguments = CASES[function, code]
    their = await scene(state)
    await prepare(owner, their, code)
    caller = (
        SERVICE if "service" not in DOORS[function][0] and code != "administrator_required" else their.person
    )
    if code == "account_has_memberships":
        caller = people.admin
    refused = await refusal_of(owner, api.session(caller), function, **arguments(their))
    assert (refused.code, refused.status) == (code, (await described_codes(owner, DOORS))[function, code])


async def prepare(owner: asyncpg.Connection, their: Theirs, code: str) -> None:
    """What else must be so."""
    if code == "scenario_inactive":
        await owner.execute("update public.scenarios set is_active = false where id = 3")
    elif code == "weekly_limit_reached":
        await owner.execute(
            "update public.profiles set completed_scenario_count = 3, current_week_completion_count = 3 "
            "where id = $1",
            their.person.sub,
        )
    elif code == "client_id_reused":
        await owner.execute(
            "insert into public.messages (session_id, role, chat_type, content, client_id) "
            "values ($1, 'user', 'main', 'Ja', $2)",
            their.session_id,
            UUID(NO_ID),
        )


@pytest.mark.parametrize("function", sorted(_OF_PEOPLE))
async def test_a_token_of_nobody_is_refused(owner: asyncpg.Connection, api: Database, function: str) -> None:
    arguments = {
        "start_session": {"scenario_id": 1},
        "append_message": {"chat_type": "main", "content": "Hallo!", "session_id": NO_ID, "client_id": NO_ID},
        "read_answer": {"answer_id": NO_ID},
        **{name: {"session_id": NO_ID} for name in ("list_messages", "complete_session", "abandon_session")},
    }
    refused = await refusal_of(owner, api.session(NOBODY), function, **arguments.get(function, {}))
    assert (refused.code, refused.status) == ("user_required", 403)
