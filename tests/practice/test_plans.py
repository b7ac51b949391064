"""Every call of practice finds its rows through an index, among many; a session is rewritten on its own page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from tests.practice.many_sessions import (
    COMPLETED_EACH,
    MESSAGES_EACH,
    make_expired_sessions,
    make_many_sessions,
    person_id,
    session_id,
)
from tests.support import postgres, reads
from tests.support.reads import call, counting, rows_read

# One worker runs them all, so that the sessions are made once.
pytestmark = pytest.mark.xdist_group("many_sessions")

PEOPLE = 2_000
LOGS = 40_000
BATCH = 50
PAGE = 20
SOMEBODY = 77
# A few rows each.
SMALL = {"public.scenarios", "practice.log_keys", "public.tenants", "public.tenant_users"}
assert_read_by_index = partial(reads.assert_read_by_index, small=SMALL)


@pytest.fixture(scope="module")
def many_sessions(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many sessions, for tests that roll back what they write."""
    url = pg_server.create_database(postgres.our_modules())

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        await make_expired_sessions(owner, 10 * BATCH)
        await make_many_sessions(owner, PEOPLE, logs=LOGS)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_sessions: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(many_sessions)
    yield connection
    await connection.close()


@pytest.fixture
def person() -> Principal:
    return Principal("authenticated", sub=person_id(SOMEBODY))


class TestPeople:
    async def test_the_active_session_is_found_with_its_own_messages(
        self, many: asyncpg.Connection, person: Principal
    ) -> None:
        async with rows_read(many) as counted:
            found = await call(many, person, "get_active_session", {})
        assert len(found["messages"]) == MESSAGES_EACH
        assert_read_by_index(counted, messages=2 * MESSAGES_EACH)

    async def test_history_is_read_by_the_page(self, many: asyncpg.Connection, person: Principal) -> None:
        async with rows_read(many) as counted:
            found = await call(many, person, "list_session_history", {"limit": 2})
        assert (len(found["items"]), COMPLETED_EACH) == (2, 3)
        assert found["next_before"] is not None
        assert_read_by_index(counted)

    async def test_messages_are_read_by_their_session(
        self, many: asyncpg.Connection, person: Principal
    ) -> None:
        asked = {"session_id": session_id(SOMEBODY, 1)}
        async with rows_read(many) as counted:
            found = await call(many, person, "list_messages", asked)
        assert len(found["items"]) == MESSAGES_EACH
        assert_read_by_index(counted, messages=2 * MESSAGES_EACH)

        async with rows_read(many) as counted:
            later = await call(
                many, person, "list_messages", {**asked, "after": found["items"][-3]["timestamp"]}
            )
        assert later["items"] == found["items"][-2:]
        assert_read_by_index(counted)

    async def test_saying_something_reads_no_other_messages(
        self, many: asyncpg.Connection, person: Principal
    ) -> None:
        said = {
            "session_id": session_id(SOMEBODY),
            "chat_type": "main",
            "content": "Ja.",
            "client_id": uuid4(),
        }
        async with rows_read(many) as counted:
            await call(many, person, "append_message", said)
        assert_read_by_index(counted)

    async def test_a_session_is_completed_abandoned_and_started_by_its_person(
        self, many: asyncpg.Connection, person: Principal
    ) -> None:
        own = {"session_id": session_id(SOMEBODY)}
        async with rows_read(many) as counted:
            await call(many, person, "complete_session", own)
            await call(many, person, "start_session", {"scenario_id": 1})
        assert_read_by_index(counted, messages=2 * MESSAGES_EACH, sessions=40, profiles=10)
        async with rows_read(many) as counted:
            await call(many, person, "abandon_session", own)
        assert_read_by_index(counted, messages=6 * MESSAGES_EACH, sessions=4 * MESSAGES_EACH)

    async def test_an_account_goes_by_what_is_theirs(
        self, many: asyncpg.Connection, person: Principal
    ) -> None:
        theirs = (COMPLETED_EACH + 1) * MESSAGES_EACH
        async with rows_read(many) as counted:
            await call(many, person, "delete_account", {})
        assert_read_by_index(
            {table: read for table, read in counted.items() if table.startswith(("public.", "practice."))},
            messages=6 * theirs,
            sessions=4 * theirs,
            answers=4 * theirs,
        )


class TestAppending:
    async def test_a_session_is_rewritten_on_its_own_page(
        self, many: asyncpg.Connection, person: Principal
    ) -> None:
        """No index has a column that changes with a message, so an append leaves nothing in any to clean."""
        transaction = many.transaction()
        await transaction.start()
        try:
            for n in range(10):
                await call(
                    many, Principal("authenticated", sub=person_id(n + 1)), "append_message",
                    {"session_id": session_id(n + 1), "chat_type": "main", "content": "Ja.", "client_id": uuid4()},
                )  # fmt: skip
            updated = await many.fetchrow(
                "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables "
                "where relid = 'public.sessions'::regclass"
            )
        finally:
            await transaction.rollback()
        assert tuple(updated) == (10, 10)


class TestCleaning:
    async def test_expired_sessions_are_found_by_the_batch(self, many: asyncpg.Connection) -> None:
        async with rows_read(many) as counted:
            assert await call(many, SERVICE, "delete_expired_sessions", {"batch_limit": BATCH}) == BATCH
        assert_read_by_index(
            counted, sessions=12 * BATCH, messages=5 * 6 * BATCH, answers=6 * 6 * BATCH, logs=BATCH
        )

    async def test_finding_none_reads_no_active_session(self, many: asyncpg.Connection) -> None:
        async with rows_read(many) as counted:
            while await call(many, SERVICE, "delete_expired_sessions", {"batch_limit": 500}) == 500:
                pass
            async with counting(many) as nothing:
                assert await call(many, SERVICE, "delete_expired_sessions", {"batch_limit": 500}) == 0
        assert counted["public.sessions"][0] == 0
        # Those that are gone are still in the index until it is vacuumed.
        assert_read_by_index(nothing, sessions=10 * BATCH)

    async def test_old_events_are_found_by_the_batch(self, many: asyncpg.Connection) -> None:
        async with rows_read(many) as counted:
            await many.execute(
                "insert into public.logs (level, event_type, created_at) "
                "select 'info', 'session_created', casebase.now() - interval '31 days' from generate_series(1, 100)"
            )
            assert await call(many, SERVICE, "delete_old_logs", {"batch_limit": BATCH}) == BATCH
        assert_read_by_index(counted, logs=3 * BATCH)

    async def test_weeks_are_reset_by_the_batch(self, many: asyncpg.Connection) -> None:
        async with rows_read(many):
            # How a hundred are picked out of so few is the planner's own affair.
            await many.execute(
                "update public.profiles set current_week_completion_count = 1, "
                "    week_reset_date = practice.next_week(casebase.now() - interval '8 days') "
                "where id = any ($1::uuid[])",
                [person_id(n) for n in range(1, 101)],
            )
            async with counting(many) as counted:
                assert await call(many, SERVICE, "reset_weekly_limits", {"batch_limit": BATCH}) == BATCH
        assert_read_by_index(counted, profiles=10 * BATCH, users=100)

    async def test_running_answers_alone_are_looked_at(self, many: asyncpg.Connection) -> None:
        async with rows_read(many) as counted:
            assert await call(many, SERVICE, "close_stale_answers", {"batch_limit": BATCH}) == 0
        assert_read_by_index(counted)


class TestLog:
    """Whoever looks after the service reads its log by the page, whatever they filter by."""

    FILTERS: tuple[dict[str, Any], ...] = (
        {},
        {"level": "error"},
        {"event_type": "api_call_failed"},
        {"event_type": "session_restored"},
        {"level": "warn", "event_type": "rate_limit_exceeded"},
        {"level": "debug", "event_type": "cleanup_job_executed"},
        {"until": timedelta(days=-15)},
        {"level": "info", "until": timedelta(days=-15)},
    )

    @pytest.mark.parametrize("filters", FILTERS, ids=str)
    async def test_a_page_reads_little_more_than_it_shows(
        self, many: asyncpg.Connection, filters: dict[str, Any]
    ) -> None:
        asked = {**filters, "page_size": PAGE}
        if "until" in asked:
            asked["until"] = (datetime.now(UTC) + asked["until"]).isoformat()
        async with rows_read(many) as counted:
            first = await call(many, SERVICE, "list_log_events", {"payload": asked})
        assert_read_by_index(counted, logs=30 * PAGE)
        if first["next_cursor"]:
            async with rows_read(many) as counted:
                await call(
                    many, SERVICE, "list_log_events", {"payload": {**asked, "cursor": first["next_cursor"]}}
                )
            assert_read_by_index(counted, logs=30 * PAGE)

    async def test_rates_read_their_period(self, many: asyncpg.Connection) -> None:
        until = datetime.now(UTC) - timedelta(days=3)
        since = until - timedelta(days=1)
        events = await many.fetchval(
            "select count(*) from public.logs where created_at >= $1 and created_at < $2", since, until
        )
        async with rows_read(many) as counted:
            found = await call(
                many, SERVICE, "get_log_rates", {"from": since.isoformat(), "until": until.isoformat()}
            )
        assert sum(rate["count"] for rate in found["rates"]) == events > 0
        assert_read_by_index(counted, logs=2 * events)
