"""Of a deleted account nothing is found: not in a row of any table of any schema, not in statistics, not in a dump."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.guard import Leak, scan
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.practice.conftest import MakeSession, People, Say
from tests.support import postgres
from tests.support.dumps import dump

EMAIL = "liselotte.vogelsang@example.org"
SAID = "Meine Nachbarin Frau Zwetschgenknödel wohnt in der Lindenstraße"


@pytest.fixture
async def told(
    api: Database,
    people: People,
    make_session: MakeSession,
    say: Say,
    service: Session,
    owner: asyncpg.Connection,
) -> list[str]:
    """Leave traces of a learner wherever there is room; return what to look for."""
    learner = people.learner
    session = api.session(learner)
    await owner.execute(
        "update auth.users set email = $2, encrypted_password = 'a hash', last_sign_in_at = now(), "
        """raw_user_meta_data = '{"full_name": "Liselotte Vogelsang"}' where id = $1""",
        learner.sub,
        EMAIL,
    )
    for table in ("casebase.console_sessions", "practice.web_sessions"):
        await owner.execute(
            f"insert into {table} (user_id, expires_at) values ($1, now() + interval '1 day')", learner.sub
        )
    completed = (
        await session.call("start_session", {"scenario_id": 1}, idempotency_key=f"start of {EMAIL}")
    )["session"]["session_id"]
    await session.call(
        "append_message",
        {"session_id": completed, "chat_type": "main", "content": SAID, "client_id": uuid4()},
        idempotency_key=f"words of {EMAIL}",
    )
    await session.call("complete_session", {"session_id": completed}, idempotency_key=EMAIL)
    active = (await session.call("start_session", {"scenario_id": 2}))["session"]["session_id"]
    await say(learner, UUID(active), SAID, chat_type="helper")
    for chat_type in ("main", "helper"):
        asked = {"user_id": learner.sub, "session_id": active, "chat_type": chat_type}
        asked |= {"content": SAID, "client_id": uuid4(), "source": "model"}
        answer = await service.call("start_answer", {"payload": asked}, idempotency_key=f"ask {chat_type}")
        named = {"answer_id": answer["answer_id"]}
        chunk = named | {"position": 1, "text": f"Ach, {SAID}?"}
        await service.call(
            "add_answer_chunks", {"payload": {"chunks": [chunk]}}, idempotency_key=f"piece of {chat_type}"
        )
        await session.call("read_answer", named, idempotency_key=f"read {chat_type}")
    # One of the two is left running.
    await service.call("settle_answer", {"payload": named}, idempotency_key="settle")
    await session.call("get_active_session", idempotency_key="restore")
    await service.call(
        "log_event",
        {"level": "warn", "event_type": "api_call_failed", "user_id": learner.sub, "session_id": active},
    )
    # Another's, so that no table is left empty: what ANALYZE knows of one then stays what it was.
    other = await make_session(people.other_learner, main=4, is_completed=True)
    await owner.execute(
        "insert into practice.answers (session_id, chat_type, asked_message_id, source, status, error_code, finished_at) "
        "select session_id, 'main', id, 'model', 'failed', 'timeout', now() from public.messages "
        "where session_id = $1 and role = 'user' limit 1",
        other,
    )
    # What the planner remembers, autovacuum would have gathered by now.
    await owner.execute("analyze")
    return [str(learner.sub), EMAIL, "Vogelsang", "Zwetschgenknödel", "Lindenstraße", completed, active]


async def _found(url: str, terms: list[str]) -> list[Leak]:
    return [leak async for scanned in scan(url, terms) for leak in scanned.leaks]


async def test_nothing_is_found_anywhere(
    pg_server: postgres.Server,
    database: str,
    api: Database,
    people: People,
    runtime: Runtime,
    told: list[str],
    owner: asyncpg.Connection,
) -> None:
    before = await _found(database, told)
    assert {leak.place.rpartition(".")[0] for leak in before} >= {
        "auth.users", "public.profiles", "public.sessions", "public.messages", "public.logs", "practice.answers",
        "practice.answer_chunks", "practice.web_sessions", "casebase.console_sessions", "casebase.idempotency_keys",
    }  # fmt: skip
    assert any(leak.is_statistics for leak in before)
    assert EMAIL in dump(pg_server, database).lower()

    await api.session(people.learner).call("delete_account", idempotency_key=f"farewell of {EMAIL}")
    assert [leak for leak in await _found(database, told) if not leak.is_statistics] == []

    await Worker(runtime, ["casebase_retention"]).drain()
    assert await _found(database, told) == []
    dumped = dump(pg_server, database).lower()
    assert [term for term in told if term.lower() in dumped] == []
    assert (
        await owner.fetchval("select count(*) from casebase.erasure_receipts where finished_at is null") == 0
    )


async def test_what_was_said_is_in_no_kept_reply(
    api: Database, people: People, told: list[str], owner: asyncpg.Connection
) -> None:
    """Who abandons a session need not delete their account, nor wait for a day, to have it forgotten."""
    await api.session(people.learner).call(
        "abandon_session", {"session_id": told[-1]}, idempotency_key="abandon"
    )
    kept = await owner.fetch("select function, reply::text from casebase.idempotency_keys")
    assert {row["function"] for row in kept} >= {"append_message", "complete_session", "abandon_session"}
    assert [row["function"] for row in kept if SAID in row["reply"]] == []


async def test_anothers_is_left_alone(
    api: Database, people: People, told: list[str], owner: asyncpg.Connection
) -> None:
    before = await owner.fetchrow("select * from public.profiles where id = $1", people.other_learner.sub)
    await api.session(people.learner).call("delete_account")
    assert await owner.fetchval("select count(*) from public.messages") == 5
    assert (
        await owner.fetchrow("select * from public.profiles where id = $1", people.other_learner.sub)
        == before
    )


async def test_the_hash_of_the_log_is_what_is_left(
    api: Database, people: People, told: list[str], owner: asyncpg.Connection
) -> None:
    """Without the account nobody knows whom it was made of; and the week's key goes with the week's events."""
    await api.session(people.learner).call("delete_account")
    keys = await owner.fetch("select distinct user_key from public.logs where user_key is not null")
    assert keys
    assert await owner.fetchval("select count(*) from public.logs where user_id is not null") == 0
