"""The cleanup's schedules do the whole of what is due, batch by batch, through the worker."""

from __future__ import annotations

import json
from datetime import timedelta

import asyncpg
import pytest

from casebase.kernel.db import SERVICE
from casebase.kernel.errors import InvalidInputError
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.module import Schedule
from casebase.kernel.runtime import Runtime
from casebase.modules.practice import MODULE, cleanup
from tests.practice.conftest import TODAY, At


async def run(runtime: Runtime, payload: dict[str, str]) -> None:
    job = Job("practice_cleanup", 1, 1, payload, TODAY)
    await cleanup.run(job, JobContext(runtime, runtime.session(SERVICE)))


@pytest.mark.parametrize("schedule", MODULE.schedules, ids=lambda schedule: schedule.name)
async def test_each_schedule_runs_as_it_is_queued(at: At, schedule: Schedule) -> None:
    await run(await at(), json.loads(schedule.payload))


async def test_batches_follow_each_other_until_nothing_is_left(at: At, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into public.logs (level, event_type, metadata, created_at) "
        "select 'info', 'user_logout', '{}', $1 from generate_series(1, $2::int)",
        TODAY - timedelta(days=40),
        2 * cleanup.BATCHES["delete_old_logs"] + 1,
    )

    await run(await at(), {"cleanup": "delete_old_logs"})

    assert await owner.fetchval("select count(*) from public.logs where event_type = 'user_logout'") == 0


async def test_no_payload_calls_what_is_no_cleanup(at: At) -> None:
    with pytest.raises(InvalidInputError):
        await run(await at(), {"cleanup": "delete_account"})
