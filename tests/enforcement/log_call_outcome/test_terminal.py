"""Some outcomes end the calling: nothing is planned, and what was planned is cancelled."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.calls import add_call, add_phone, in_days, refused_call
from tests.enforcement.conftest import MakeJudgment
from tests.support.refusals import wrong_fields


@pytest.mark.parametrize("outcome", ["bad_number", "do_not_call"])
async def test_cancels_the_plaintiffs_calls_and_nobody_elses(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, outcome: str
) -> None:
    judgment, other = await make_judgment(), await make_judgment()
    task_id = await add_call(owner, judgment.plaintiff_id)
    for days in (1, 2):
        await add_call(owner, judgment.plaintiff_id, due_in=timedelta(days=days))
    await add_call(owner, other.plaintiff_id)
    await owner.execute(
        "insert into plaintiff_tasks (tenant_id, plaintiff_id, kind, title, created_by) values ($1, $2, 'review', 'Review', 'test')",
        judgment.tenant_id,
        judgment.plaintiff_id,
    )
    call = {"plaintiff_id": str(judgment.plaintiff_id), "task_id": task_id, "outcome": outcome}
    assert (await service.call("log_call_outcome", call))["cancelled_tasks"] == 2
    states = await owner.fetch(
        "select kind, status::text, count(*) from plaintiff_tasks where plaintiff_id = $1 group by 1, 2 order by 1, 2",
        judgment.plaintiff_id,
    )
    assert [tuple(state) for state in states] == [
        ("call", "cancelled", 2),
        ("call", "done", 1),
        ("review", "open", 1),
    ]
    assert (
        await owner.fetchval("select status from plaintiff_tasks where plaintiff_id = $1", other.plaintiff_id)
        == "open"
    )


@pytest.mark.parametrize("outcome", ["bad_number", "dnc"])
async def test_takes_no_follow_up(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, outcome: str
) -> None:
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": outcome}
    error = await refused_call(owner, service, "log_call_outcome", {**call, "follow_up_at": in_days(20)})
    assert wrong_fields(error) == ["follow_up_at"]


class TestDoNotCall:
    async def test_blocks_the_plaintiffs_telephones(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment, other = await make_judgment(), await make_judgment()
        for plaintiff_id in (judgment.plaintiff_id, other.plaintiff_id):
            await add_phone(owner, plaintiff_id)
        call = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "do_not_call"}
        assert (await service.call("log_call_outcome", call))["next_call_allowed_at"] is None
        blocked = await owner.fetch("select plaintiff_id from enrichment.contacts where is_do_not_contact")
        assert [row[0] for row in blocked] == [judgment.plaintiff_id]

    async def test_stands_whatever_is_logged_later(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        call = {"plaintiff_id": str((await make_judgment()).plaintiff_id)}
        await service.call("log_call_outcome", {**call, "outcome": "do_not_call"})
        answer = await service.call("log_call_outcome", {**call, "outcome": "reached_hot"})
        assert (answer["outcome"], answer["plaintiff_status"]) == ("reached_hot", "do_not_call")
        error = await refused_call(
            owner, service, "log_call_outcome", {**call, "outcome": "no_answer", "follow_up_at": in_days(20)}
        )
        assert (error.status, error.code) == (409, "do_not_call")

    async def test_is_lifted_by_who_asks_for_a_call(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment = await make_judgment()
        await add_phone(owner, judgment.plaintiff_id)
        call = {"plaintiff_id": str(judgment.plaintiff_id)}
        await service.call("log_call_outcome", {**call, "outcome": "do_not_call"})
        answer = await service.call(
            "log_call_outcome", {**call, "outcome": "callback", "follow_up_at": in_days(1)}
        )
        assert answer["plaintiff_status"] == "callback"
        assert answer["follow_up"] is not None
        assert not await owner.fetchval("select bool_or(is_do_not_contact) from enrichment.contacts")
