"""The call desk reads its page, a call its plaintiff, among many of them."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.enforcement.calls import in_days
from tests.enforcement.reads import assert_few, call, rows_read

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_enforcement_cases")

PAGE = 20


@pytest.fixture
async def desk(many: asyncpg.Connection) -> asyncpg.Connection:
    """Twenty thousand plaintiffs, each with a call that is due or to come, over all tiers."""
    await many.execute(
        """
        with called as (
            insert into plaintiffs (name) select 'Caller ' || n from generate_series(1, 20000) n returning id, tenant_id
        )
        insert into plaintiff_tasks (tenant_id, plaintiff_id, kind, title, due_at, created_by)
        select tenant_id, id, 'call', 'Call', now() + (random() - 0.5) * interval '60 days', 'test' from called;
        update plaintiff_tasks set tier = 'tier' || abs(hashtext(id::text)) % 4 where title = 'Call';
        analyze plaintiff_tasks, plaintiffs
        """
    )
    return many


async def test_a_page_of_the_queue_reads_little_more_than_itself(desk: asyncpg.Connection) -> None:
    cursor = None
    for _ in range(3):
        page, counted = await rows_read(desk, "list_call_tasks", {"page_size": PAGE, "cursor": cursor})
        assert len(page["items"]) == PAGE
        assert_few(counted, at_most=10 * PAGE)
        cursor = page["next_cursor"]


async def test_the_calls_to_come_are_read_in_their_order(desk: asyncpg.Connection) -> None:
    await desk.execute("update plaintiff_tasks set due_at = due_at + interval '90 days' where kind = 'call'")
    page, counted = await rows_read(desk, "list_call_tasks", {"page_size": PAGE})
    assert [item["is_overdue"] for item in page["items"]] == [False] * PAGE
    assert_few(counted, at_most=10 * PAGE)


async def test_a_call_reads_its_plaintiff(desk: asyncpg.Connection) -> None:
    task: Any = await desk.fetchrow(
        "select id::text, plaintiff_id::text from plaintiff_tasks where title = 'Call' limit 1"
    )
    _, counted = await rows_read(desk, "open_call_task", {"task_id": task["id"]})
    assert_few(counted, at_most=20)
    logged = {
        "plaintiff_id": task["plaintiff_id"],
        "task_id": task["id"],
        "outcome": "no_answer",
        "follow_up_at": in_days(2),
    }
    _, counted = await rows_read(desk, "log_call_outcome", logged)
    assert_few(counted, at_most=40)
    planned = {"plaintiff_id": task["plaintiff_id"], "due_at": in_days(3)}
    _, counted = await rows_read(desk, "schedule_call", {"payload": planned})
    assert_few(counted, at_most=40)


async def test_jobs_look_their_cases_up(desk: asyncpg.Connection) -> None:
    case_id = await desk.fetchval("select id::text from enforcement_cases limit 1")
    job = {"kind": "enforce", "idempotency_key": "k", "payload": {"case_id": case_id}}
    _, counted = await rows_read(desk, "queue_job", {"payload": job})
    assert_few(counted, at_most=10)
    _, counted = await rows_read(desk, "request_case_copilot", {"case_id": case_id})
    assert_few(counted, at_most=10)


async def test_outreach_asks_the_rule_for_no_more_than_it_plans(many: asyncpg.Connection) -> None:
    """Every plaintiff may be called, a hundred are wanted: calls made are looked up for little more than those."""
    await many.execute("delete from plaintiff_tasks where kind = 'call'")
    await many.execute("update plaintiffs set status = 'new'")
    await many.execute(
        "insert into enforcement.settings (tenant_id, planned_calls_limit) select casebase.default_tenant(), 20"
    )
    told, counted = await rows_read(many, "plan_outreach", {"payload": {}})
    assert told == {"planned": 20}
    scanned, fetched = counted["plaintiff_call_attempts"]
    plaintiffs = await many.fetchval("select count(*) from plaintiffs")
    # The latest call of each candidate, and all five of those that are planned, twice.
    assert scanned == 0
    assert fetched <= plaintiffs + 20 * 5 * 2
    again = await call(many, "plan_outreach", {"payload": {}})
    assert again == {"planned": 0}
