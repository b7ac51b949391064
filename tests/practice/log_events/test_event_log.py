"""What a process notes is written in batches, each event once, whatever the database does meanwhile."""

from __future__ import annotations

import asyncpg

from casebase.kernel.runtime import Runtime
from casebase.modules.practice.event_log import EventLog
from tests.practice.conftest import MakeSession, People


async def test_what_is_noted_is_written_at_the_latest_when_the_process_ends(
    runtime: Runtime, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    log = EventLog(runtime.session(), runtime.clock)

    log.note("info", "api_call_started", user_id=people.learner.sub, session_id=session_id, attempt=1, status=None)
    await log.close()

    row = await owner.fetchrow("select * from public.logs where event_type = 'api_call_started'")
    assert (row["level"], row["session_id"], row["user_id"]) == ("info", session_id, None)
    assert row["metadata"] == '{"attempt": 1}'
    assert len(row["user_key"]) == 24
