"""``cb.practice``: the typed client understands every answer of the RPCs, and refuses what it cannot send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.app import Casebase
from casebase.kernel.db import Database, Session
from casebase.kernel.errors import InvalidInputError, RpcError
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.enums import AnswerSource, AnswerStatus, ChatType, Role
from casebase.modules.practice.models import NewLogEvent
from casebase.modules.practice.service import Client
from tests.practice.conftest import MakeSession, People

NOBODY = UUID(int=0)


@pytest.fixture
def mine(api: Database, people: People) -> Client:
    return Client(api.session(people.learner))


@pytest.fixture
def admin(api: Database, people: People) -> Client:
    return Client(api.session(people.admin))


def test_the_connection_has_it_as_an_attribute(runtime: Runtime) -> None:
    assert isinstance(Casebase(runtime).practice, Client)


async def test_a_sessions_whole_life(mine: Client, people: People) -> None:
    assert [scenario.emoji for scenario in (await mine.list_scenarios()).items] == ["🛒", "🎉", "🥙"]
    assert await mine.get_active_session() is None
    started = await mine.start_session(1)
    session_id = started.session.session_id
    assert [message.role for message in started.messages] == [Role.SCENARIO, Role.HELPER]
    assert (started.scenario.title, started.progress.cap) == ("Marketplace", 30)
    assert started.allowance.remaining == 3

    client_id = uuid4()
    said = await mine.append_message(session_id, "main", "Ein Kilo Äpfel, bitte.", client_id=client_id)
    again = await mine.append_message(
        session_id, ChatType.MAIN, "Ein Kilo Äpfel, bitte.", client_id=client_id
    )
    assert (said.is_repeated, again.is_repeated, again.message_id) == (False, True, said.message_id)
    new = await mine.list_messages(session_id, after=started.messages[-1].timestamp)
    assert [(message.content, message.client_id) for message in new.items] == [
        ("Ein Kilo Äpfel, bitte.", client_id)
    ]
    assert (await mine.list_messages(session_id, after=new.next_after)).items == ()
    active = await mine.get_active_session()
    assert active is not None
    assert active.progress.message_count_main == 2

    done = await mine.complete_session(session_id)
    assert (done.session.is_completed, done.allowance.remaining, done.is_repeated) == (True, 2, False)
    assert (await mine.complete_session(session_id)).is_repeated
    [past] = (await mine.list_history(before=datetime.now(UTC) + timedelta(hours=1))).items
    assert (past.session_id, past.scenario.emoji) == (session_id, "🛒")

    other = await mine.start_session(2)
    assert (await mine.abandon_session(other.session.session_id)).message_count_main == 1
    profile = await mine.get_profile()
    assert (profile.user_id, profile.completed_scenario_count) == (people.learner.sub, 1)
    deleted = await mine.delete_account()
    assert (deleted.deleted.sessions, deleted.deleted.messages) == (1, 3)


async def test_an_answer_is_read_while_it_is_made_and_after(
    mine: Client, service: Session, people: People
) -> None:
    session_id = (await mine.start_session(1)).session.session_id
    asked = {
        "user_id": str(people.learner.sub),
        "session_id": str(session_id),
        "chat_type": "main",
        "content": "Guten Tag!",
        "client_id": str(uuid4()),
        "source": "scripted",
    }
    answer_id = (await service.call("start_answer", {"payload": asked}))["answer_id"]
    active = await mine.get_active_session()
    assert active is not None
    assert [str(answer.answer_id) for answer in active.answers] == [answer_id]
    for position, text in ((1, "Guten "), (2, "Tag!")):
        piece = {"answer_id": answer_id, "position": position, "text": text}
        await service.call("add_answer_chunks", {"payload": {"chunks": [piece]}})
    made = await mine.read_answer(answer_id, after=1)
    assert (made.status, made.end) == (AnswerStatus.RUNNING, None)
    assert [(chunk.position, chunk.text) for chunk in made.chunks] == [(2, "Tag!")]
    await service.call("settle_answer", {"payload": {"answer_id": answer_id}})
    ended = await mine.read_answer(answer_id)
    assert ended.end is not None
    assert (ended.status, ended.end.source, ended.end.is_incomplete) == (
        AnswerStatus.COMPLETED,
        AnswerSource.SCRIPTED,
        False,
    )
    assert "".join(chunk.text for chunk in ended.chunks) == "Guten Tag!"
    assert await Client(service).close_stale_answers() == 0


async def test_the_log_is_written_and_read(service: Session, admin: Client, people: People) -> None:
    event = NewLogEvent(
        level="warn",
        event_type="rate_limit_exceeded",
        user_id=people.learner.sub,
        metadata={"limit": 3, "reason": "weekly_limit"},
    )
    assert (await Client(service).log_event(event)).logged == 1
    [found] = (await admin.list_log_events({"level": "warn"})).items
    assert (found.event_type, found.metadata) == (event.event_type, event.metadata)
    assert found.user_key is not None
    now = datetime.now(UTC)
    rates = await admin.get_log_rates(now - timedelta(hours=1), now + timedelta(hours=1))
    assert {(rate.event_type, rate.level): rate.count for rate in rates.rates}[
        "rate_limit_exceeded", "warn"
    ] == 1
    first = await admin.list_log_events({"page_size": 1})
    rest = await admin.list_log_events({"cursor": first.next_cursor})
    assert first.items[0].event_id not in {item.event_id for item in rest.items}
    assert (await admin.list_log_events({"since": now + timedelta(hours=1)})).items == ()


async def test_the_service_cleans_up(
    owner: asyncpg.Connection, service: Session, people: People, make_session: MakeSession
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=31)
    await make_session(people.learner, started_at=long_ago, last_activity_at=long_ago)
    await owner.execute(
        "update public.profiles set completed_scenario_count = 1, current_week_completion_count = 1, "
        "week_reset_date = week_reset_date - interval '7 days' where id = $1",
        people.other_learner.sub,
    )
    await owner.execute(
        "insert into public.logs (level, event_type, created_at) values ('info', 'user_logout', $1)", long_ago
    )
    cleaning = Client(service)
    due = {
        "close_stale_answers": 0,
        "reset_weekly_limits": 1,
        "delete_expired_sessions": 1,
        "delete_old_logs": 1,
    }
    assert (await cleaning.count_due_cleanups()).model_dump() == due
    assert await cleaning.delete_expired_sessions() == 1
    assert await cleaning.reset_weekly_limits() == 1
    assert await cleaning.delete_old_logs() == 1
    assert set((await cleaning.count_due_cleanups()).model_dump().values()) == {0}


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda c: c.start_session("one"), "scenario_id"),
        (lambda c: c.append_message(NOBODY, "third", "Hallo"), "chat_type"),
        (lambda c: c.append_message(NOBODY, "main", "  \n"), "content"),
        (lambda c: c.append_message(NOBODY, "main", "x" * 2001), "content"),
        (lambda c: c.log_event({"level": "loud", "event_type": "user_logout"}), "level"),
        (lambda c: c.log_event({"level": "info", "event_type": "coffee_made"}), "event_type"),
        (lambda c: c.list_log_events({"page_size": 0}), "page_size"),
    ],
)
async def test_a_wrong_field_is_named_before_it_is_sent(mine: Client, ask: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await ask(mine)
    assert refused.value.detail["errors"][0]["field"] == field


async def test_a_refusal_keeps_its_code(mine: Client, admin: Client) -> None:
    for ask, code in (
        (mine.start_session(99), "scenario_not_found"),
        (mine.complete_session(NOBODY), "session_not_found"),
        (mine.list_log_events(), "administrator_required"),
        (admin.delete_account(), "account_has_memberships"),
        (mine.read_answer(NOBODY), "answer_not_found"),
    ):
        with pytest.raises(RpcError) as refused:
            await ask
        assert refused.value.code == code
