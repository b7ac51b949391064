"""What holds whoever writes: the tables refuse it themselves, of the owner too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from tests.practice.conftest import MakeSession, People

AT: Final = datetime(2026, 6, 17, 10, tzinfo=UTC)
ONE: Final = timedelta(microseconds=1)
FAR: Final = datetime(2200, 1, 1, tzinfo=UTC)
LONG_AGO: Final = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
Row = dict[str, Any]
RowOf = Callable[..., Row]


@pytest.fixture
async def row_of(people: People, make_session: MakeSession, owner: asyncpg.Connection) -> RowOf:
    """A right row of each table, with changes."""
    session_id = await make_session(people.other_learner, main=2)
    asked = await owner.fetchval("select id from public.messages where role = 'user'")
    answer_id = await owner.fetchval(
        "insert into practice.answers (session_id, chat_type, asked_message_id, source) "
        "values ($1, 'main', $2, 'scripted') returning id",
        session_id,
        asked,
    )

    def row(table: str, **changes: Any) -> Row:
        rows: dict[str, Row] = {
            "public.scenarios": {
                "id": 4,
                "title": "Bakery",
                "emoji": "🥐",
                "initial_message_main": "Guten Morgen!",
                "initial_message_helper": "Hi!",
            },
            "public.sessions": {
                "user_id": people.learner.sub,
                "scenario_id": 1,
                "started_at": AT,
                "last_activity_at": AT,
            },
            "public.messages": {
                "session_id": session_id,
                "role": "user",
                "chat_type": "main",
                "content": "Ja",
            },
            "public.logs": {"level": "info", "event_type": "user_logout", "metadata": "{}"},
            "practice.log_keys": {"week_until": AT},
            "practice.answers": {
                "session_id": session_id,
                "chat_type": "helper",
                "asked_message_id": asked,
                "source": "model",
                "status": "failed",
                "finished_at": AT,
                "error_code": "timeout",
            },
            "practice.answer_chunks": {"answer_id": answer_id, "position": 1, "content": "Ja"},
        }
        return rows[table] | changes

    return row


async def insert(owner: asyncpg.Connection, table: str, row: Row) -> None:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await owner.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())


@pytest.mark.parametrize(
    ("table", "changes", "constraint"),
    [
        ("public.scenarios", {"title": ""}, "scenario_texts_are_said"),
        ("public.scenarios", {"title": "a" * 81}, "scenario_texts_are_said"),
        ("public.scenarios", {"emoji": ""}, "scenario_texts_are_said"),
        ("public.scenarios", {"initial_message_main": ""}, "scenario_texts_are_said"),
        ("public.scenarios", {"initial_message_helper": "a" * 4001}, "scenario_texts_are_said"),
        ("public.scenarios", {"id": 1}, "scenarios_pkey"),
        ("public.sessions", {"started_at": LONG_AGO}, "started_at_is_a_time"),
        ("public.sessions", {"last_activity_at": AT - ONE}, "last_activity_follows_the_start"),
        ("public.sessions", {"last_activity_at": FAR}, "last_activity_follows_the_start"),
        ("public.sessions", {"restored_at": AT - ONE}, "restored_at_follows_the_start"),
        ("public.sessions", {"completed_at": AT}, "a_completed_one_has_its_time"),
        ("public.sessions", {"duration_seconds": 5}, "a_completed_one_has_its_duration"),
        (
            "public.sessions",
            {"is_completed": True, "completed_at": AT - ONE},
            "completion_follows_the_start",
        ),
        ("public.sessions", {"message_count_main": -1}, "message_count_main_is_within_its_cap"),
        ("public.sessions", {"message_count_main": 31}, "message_count_main_is_within_its_cap"),
        ("public.sessions", {"message_count_helper": 101}, "message_count_helper_is_within_its_cap"),
        ("public.sessions", {"scenario_id": 99}, "sessions_scenario_id_fkey"),
        ("public.sessions", {"user_id": uuid4()}, "sessions_user_id_fkey"),
        ("public.messages", {"role": "system"}, "role_is_known"),
        ("public.messages", {"chat_type": "side"}, "chat_type_is_known"),
        ("public.messages", {"role": "helper"}, "role_speaks_in_its_chat"),
        ("public.messages", {"role": "scenario", "chat_type": "helper"}, "role_speaks_in_its_chat"),
        ("public.messages", {"content": ""}, "content_is_said"),
        ("public.messages", {"content": "a" * 8001}, "content_is_said"),
        ("public.messages", {"timestamp": FAR}, "timestamp_is_a_time"),
        ("public.messages", {"role": "scenario", "client_id": uuid4()}, "only_people_have_clients"),
        ("public.messages", {"is_incomplete": True}, "only_answers_break_off"),
        ("public.messages", {"session_id": uuid4()}, "messages_session_id_fkey"),
        ("public.logs", {"level": "fatal"}, "level_is_known"),
        ("public.logs", {"event_type": "message_read"}, "event_type_is_known"),
        ("public.logs", {"user_key": "lena"}, "user_key_is_a_hash"),
        ("public.logs", {"metadata": '{"content": "Hallo"}'}, "log_metadata_is_measures"),
        ("public.logs", {"metadata": '{"reason": "Was kostet das?"}'}, "log_metadata_is_measures"),
        ("public.logs", {"metadata": '{"count": 1e300}'}, "log_metadata_is_measures"),
        ("public.logs", {"metadata": '{"count": {"of": 1}}'}, "log_metadata_is_measures"),
        ("public.logs", {"metadata": "[]"}, "log_metadata_is_measures"),
        ("public.logs", {"created_at": LONG_AGO}, "logged_at_is_a_time"),
        ("public.logs", {"session_id": uuid4()}, "logs_session_id_fkey"),
        ("practice.log_keys", {"key": b"short"}, "key_is_256_bits"),
        ("practice.answers", {"chat_type": "side"}, "answer_chat_type_is_known"),
        ("practice.answers", {"status": "paused", "error_code": None}, "answer_status_is_known"),
        ("practice.answers", {"source": "oracle"}, "answer_source_is_known"),
        ("practice.answers", {"finished_at": None}, "a_running_one_is_not_finished"),
        ("practice.answers", {"status": "completed"}, "an_answer_ends_as_a_message"),
        ("practice.answers", {"cuts": [1]}, "a_message_knows_its_cuts"),
        ("practice.answers", {"error_code": "It failed"}, "answer_error_code_is_snake_case"),
        ("practice.answers", {"error_code": None}, "a_failed_one_says_why"),
        (
            "practice.answers",
            {"chat_type": "main", "status": "running", "finished_at": None, "error_code": None},
            "answers_one_running_key",
        ),
        (
            "practice.answers",
            {"status": "running", "finished_at": None, "error_code": None},
            "answers_one_a_question_key",
        ),
        ("practice.answer_chunks", {"position": 0}, "position_is_counted"),
        ("practice.answer_chunks", {"content": ""}, "chunk_is_said"),
        ("practice.answer_chunks", {"answer_id": uuid4()}, "answer_chunks_answer_id_fkey"),
    ],
)
async def test_a_wrong_row_is_refused(
    owner: asyncpg.Connection, row_of: RowOf, table: str, changes: Row, constraint: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refused:
        await insert(owner, table, row_of(table, **changes))
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize(
    "table",
    [
        "public.scenarios", "public.sessions", "public.messages", "public.logs", "practice.log_keys",
        "practice.answers", "practice.answer_chunks",
    ],
)  # fmt: skip
async def test_a_right_row_is_taken(owner: asyncpg.Connection, row_of: RowOf, table: str) -> None:
    await insert(owner, table, row_of(table))


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        (
            "current_week_completion_count = -1, completed_scenario_count",
            -1,
            "completed_scenario_count_is_a_count",
        ),
        ("current_week_completion_count", -1, "current_week_completion_count_is_a_count"),
        ("current_week_completion_count", 1, "a_week_is_part_of_all"),
        ("week_reset_date", datetime(2026, 6, 23, tzinfo=UTC), "week_reset_date_is_a_monday_utc"),
        ("week_reset_date", datetime(2026, 6, 22, 1, tzinfo=UTC), "week_reset_date_is_a_monday_utc"),
        ("week_reset_date", datetime(2200, 1, 6, tzinfo=UTC), "week_reset_date_is_a_monday_utc"),
    ],
)
async def test_a_wrong_profile_is_refused(
    owner: asyncpg.Connection, people: People, column: str, value: Any, constraint: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await owner.execute(
            f"update public.profiles set {column} = $1 where id = $2", value, people.learner.sub
        )
    assert refused.value.constraint_name == constraint


async def test_the_log_names_no_user(owner: asyncpg.Connection, people: People, row_of: RowOf) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="users_are_named_by_a_key"):
        await insert(owner, "public.logs", row_of("public.logs", user_id=people.learner.sub))


async def test_one_session_is_active_whoever_writes_it(owner: asyncpg.Connection, row_of: RowOf) -> None:
    await insert(owner, "public.sessions", row_of("public.sessions"))
    with pytest.raises(asyncpg.UniqueViolationError, match="sessions_one_active_key"):
        await insert(owner, "public.sessions", row_of("public.sessions"))
    await insert(owner, "public.sessions", row_of("public.sessions", is_completed=True))


async def test_a_client_id_names_one_message_of_a_session(owner: asyncpg.Connection, row_of: RowOf) -> None:
    row = row_of("public.messages", client_id=uuid4())
    await insert(owner, "public.messages", row)
    with pytest.raises(asyncpg.UniqueViolationError, match="messages_client_id_key"):
        await insert(owner, "public.messages", row)


@asynccontextmanager
async def _as(owner: asyncpg.Connection, principal: Principal | None) -> AsyncIterator[None]:
    """Be somebody with every privilege there is on messages and sessions, or the owner; undone at the end."""
    transaction = owner.transaction()
    await transaction.start()
    try:
        if principal is not None:
            await owner.execute(f"grant all on public.messages, public.sessions to {principal.role}")
            for table in ("messages", "sessions"):
                await owner.execute(
                    f"create policy {table}_all on public.{table} to {principal.role} using (true) with check (true)"
                )
            await owner.execute(
                "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
                principal.claims_json,
                principal.role,
            )
        yield
    finally:
        await transaction.rollback()


@pytest.mark.parametrize("who", ["owner", "service", "learner"])
@pytest.mark.parametrize(
    "statement",
    [
        "update public.messages set content = 'Etwas anderes'",
        "update public.messages set timestamp = now()",
        "update public.messages set id = id",
        "delete from public.messages",
    ],
)
@pytest.mark.parametrize("is_completed", [False, True])
async def test_what_was_said_stays(
    owner: asyncpg.Connection,
    people: People,
    make_session: MakeSession,
    who: str,
    statement: str,
    is_completed: bool,
) -> None:
    await make_session(people.learner, main=4, is_completed=is_completed)
    principal = {"owner": None, "service": SERVICE, "learner": people.learner}[who]
    async with _as(owner, principal):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await owner.execute(statement)
        assert (refused.value.sqlstate, str(refused.value).splitlines()[0]) == ("PT409", "message_immutable")


@pytest.mark.parametrize("who", ["owner", "service", "learner"])
@pytest.mark.parametrize(
    "change",
    [
        "is_completed = false, completed_at = null, duration_seconds = null",
        "duration_seconds = 1",
        "completed_at = completed_at + interval '1 day'",
        "message_count_main = 1",
        "scenario_id = 2",
        "started_at = started_at - interval '1 day'",
    ],
)
async def test_a_completed_session_stays(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, who: str, change: str
) -> None:
    await make_session(people.learner, main=4, is_completed=True)
    principal = {"owner": None, "service": SERVICE, "learner": people.learner}[who]
    async with _as(owner, principal):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await owner.execute(f"update public.sessions set {change}")
        assert (refused.value.sqlstate, str(refused.value).splitlines()[0]) == ("PT409", "session_completed")


async def test_nothing_is_added_to_a_completed_session(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, row_of: RowOf
) -> None:
    session_id = await make_session(people.learner, main=4, is_completed=True)
    with pytest.raises(asyncpg.PostgresError, match="session_completed"):
        await insert(owner, "public.messages", row_of("public.messages", session_id=session_id))


class TestWhatGoesWithWhat:
    async def _counts(self, owner: asyncpg.Connection) -> dict[str, int]:
        tables = (
            "public.profiles",
            "public.sessions",
            "public.messages",
            "practice.answers",
            "practice.answer_chunks",
        )
        return {table: await owner.fetchval(f"select count(*) from {table}") for table in tables}

    @pytest.fixture
    async def session_id(self, owner: asyncpg.Connection, people: People, make_session: MakeSession) -> UUID:
        session_id = await make_session(people.learner, main=3)
        await owner.execute(
            "insert into practice.answers (session_id, chat_type, asked_message_id, source) "
            "select session_id, 'main', id, 'model' from public.messages where role = 'user'"
        )
        await owner.execute(
            "insert into practice.answer_chunks (answer_id, position, content) select id, 1, 'Ja' from practice.answers"
        )
        await owner.execute(
            "insert into public.logs (level, event_type, session_id) values ('info', 'session_created', $1)",
            session_id,
        )
        return session_id

    async def test_an_account_takes_all_along(
        self, owner: asyncpg.Connection, people: People, session_id: UUID
    ) -> None:
        before = await self._counts(owner)
        assert before["public.messages"] == 4
        await owner.execute("delete from auth.users where id = $1", people.learner.sub)
        assert await self._counts(owner) == {
            **dict.fromkeys(before, 0), "public.profiles": before["public.profiles"] - 1
        }  # fmt: skip

    async def test_a_session_takes_its_messages_and_the_log_forgets_it(
        self, owner: asyncpg.Connection, session_id: UUID
    ) -> None:
        await owner.execute("delete from public.sessions where id = $1", session_id)
        counts = await self._counts(owner)
        assert sum(counts.values()) == counts["public.profiles"]
        assert await owner.fetchval(
            "select array_agg(session_id) from public.logs where event_type = 'session_created'"
        ) == [None]

    async def test_a_scenario_that_was_practised_stays(
        self, owner: asyncpg.Connection, session_id: UUID
    ) -> None:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="sessions_scenario_id_fkey"):
            await owner.execute("delete from public.scenarios where id = 1")
        await owner.execute("delete from public.scenarios where id = 2")


async def test_an_account_has_a_profile_with_its_email(owner: asyncpg.Connection) -> None:
    user_id = await owner.fetchval("insert into auth.users (email) values ('a@example.org') returning id")
    await owner.execute("update auth.users set email = 'b@example.org' where id = $1", user_id)
    profile = await owner.fetchrow("select * from public.profiles where id = $1", user_id)
    assert profile["email"] == "b@example.org"
    assert profile["week_reset_date"] > profile["created_at"]
    await owner.execute("update auth.users set last_sign_in_at = now() where id = $1", user_id)
    events = await owner.fetch("select event_type, user_key from public.logs order by event_type")
    assert [event["event_type"] for event in events] == ["user_login_success", "user_registered"]
    assert len({event["user_key"] for event in events}) == 1


@pytest.mark.parametrize("table", ["profiles", "sessions"])
async def test_who_changes_a_row_dates_it(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, table: str
) -> None:
    await make_session(people.learner)
    before, created = await owner.fetchrow(f"select updated_at, created_at from public.{table} limit 1")
    await owner.execute(f"update public.{table} set updated_at = '2001-01-01'")
    after = await owner.fetchval(f"select min(updated_at) from public.{table}")
    assert after >= before >= created


async def test_the_measures_of_a_log_are_taken(owner: asyncpg.Connection, row_of: RowOf) -> None:
    metadata = {"attempts": 3, "duration_ms": 1234.5, "chat_type": "main", "count": 0}
    await insert(owner, "public.logs", row_of("public.logs", metadata=json.dumps(metadata)))
