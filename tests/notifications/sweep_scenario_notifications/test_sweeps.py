"""What was left pending without a job is taken care of: sent after all, expired, or failed as its job died."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Queues
from casebase.kernel.runtime import Runtime
from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.dispatching import (
    QUEUE,
    TO_APPRISE,
    job_count,
    notification,
    retry_at_once,
    uninstall_apprise,
    work,
)

LATER = TODAY + timedelta(minutes=16)
NOTHING = {"queued": 0, "failed": 0, "is_more": False}


@pytest.fixture
async def inactive(make_mentor: MakeMentor, evaluate: Evaluate) -> UUID:
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    return mentor


async def sweep(runtime: Runtime, **arguments: int) -> dict[str, Any]:
    reply: dict[str, Any] = await runtime.session().call("sweep_scenario_notifications", arguments)
    return reply


async def test_one_that_was_written_without_a_job_gets_one(
    owner: asyncpg.Connection, at: At, make_mentor: MakeMentor
) -> None:
    mentor = await make_mentor()
    await owner.execute(
        "insert into scenario_notifications (user_id, organization_id, scenario_type, triggered_at)"
        " select $1, id, 'welcome_back', $2 from tenants where slug = 'default'",
        mentor,
        TODAY,
    )
    assert await sweep(await at(TODAY + timedelta(minutes=14))) == NOTHING
    assert await sweep(await at(LATER)) == {"queued": 1, "failed": 0, "is_more": False}
    assert await sweep(await at(LATER)) == NOTHING
    await work(await at(LATER))
    assert (await notification(owner, mentor))["delivery_status"] == "sent"


async def test_one_that_has_a_job_is_left_to_it(owner: asyncpg.Connection, at: At, inactive: UUID) -> None:
    assert await sweep(await at(TODAY + timedelta(days=8))) == NOTHING
    assert (await notification(owner, inactive))["delivery_status"] == "pending"
    assert await job_count(owner) == 1


async def test_one_whose_job_died_failed_as_that_did(
    owner: asyncpg.Connection, at: At, inactive: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await retry_at_once(owner)
    uninstall_apprise(monkeypatch)
    await work(await at(**TO_APPRISE))
    assert (await notification(owner, inactive))["delivery_status"] == "pending"
    assert await sweep(await at(LATER)) == {"queued": 0, "failed": 1, "is_more": False}
    row = await notification(owner)
    assert (row["delivery_status"], row["error_code"]) == ("failed", "configuration_invalid")


async def test_one_whose_dead_job_was_started_anew_is_left_to_it(
    owner: asyncpg.Connection, at: At, inactive: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await retry_at_once(owner)
    uninstall_apprise(monkeypatch)
    await work(await at(**TO_APPRISE))
    later = await at(LATER)
    assert len(await Queues(later.database).requeue(QUEUE)) == 1
    assert await sweep(later) == NOTHING
    await work(later)
    assert (await notification(owner, inactive))["delivery_status"] == "sent"


async def test_one_that_waited_for_seven_days_is_expired(
    owner: asyncpg.Connection, at: At, inactive: UUID
) -> None:
    await owner.execute("delete from pgmq.q_notifications_dispatch")
    late = await at(TODAY + timedelta(days=7, minutes=1))
    assert await sweep(late) == {"queued": 0, "failed": 1, "is_more": False}
    row = await notification(owner, inactive)
    assert (row["delivery_status"], row["skip_reason"]) == ("failed", "expired")


async def test_the_workers_job_sweeps_batch_by_batch(
    owner: asyncpg.Connection, at: At, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    for _ in range(5):
        await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await owner.execute("delete from pgmq.q_notifications_dispatch")
    later = await at(LATER)
    assert await sweep(later, batch_limit=2) == {"queued": 2, "failed": 0, "is_more": True}
    await Queues(later.database).enqueue(QUEUE, {"sweep": True})
    await work(later)
    status = "select distinct delivery_status from scenario_notifications"
    assert [row[0] for row in await owner.fetch(status)] == ["sent"]
    assert await job_count(owner) == 0


@pytest.mark.parametrize("batch_limit", [0, 5001])
async def test_a_batch_has_its_bounds(at: At, batch_limit: int) -> None:
    with pytest.raises(RpcError) as refused:
        await sweep(await at(), batch_limit=batch_limit)
    assert (refused.value.status, refused.value.code) == (422, "invalid_input")
