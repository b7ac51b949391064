"""The desk's queue: what is due first, the highest tier before the others, then what is to come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import add_attempts, add_call, refused_call, use_utc
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import wrong_fields


@pytest.fixture
async def queue(owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase) -> list[str]:
    """The ids of calls in the order in which the desk should have them."""
    ordered = [
        ("tier3", -1.0),
        ("tier3", -0.5),
        ("tier2", -9.0),
        ("tier1", -20.0),
        ("tier1", -19.0),
        ("tier0", -30.0),
        (None, -29.0),  # without a case
        ("tier1", 1.0),
        ("tier3", 2.0),
    ]
    made: dict[int, str] = {}
    for place in (4, 8, 0, 6, 2, 7, 1, 5, 3):
        tier, days = ordered[place]
        judgment = await make_judgment()
        case_id = await open_case(judgment, tier=tier) if tier else None
        made[place] = await add_call(
            owner, judgment.plaintiff_id, case_id=case_id, due_in=timedelta(days=days)
        )
    return [made[place] for place in range(len(ordered))]


async def test_in_their_order(service: Session, queue: list[str]) -> None:
    listed = await service.call("list_call_tasks")
    assert [item["task_id"] for item in listed["items"]] == queue
    assert [item["is_overdue"] for item in listed["items"]] == [True] * 7 + [False] * 2
    assert listed["next_cursor"] is None


@pytest.mark.parametrize("page_size", [1, 2, 4, 8])
async def test_page_by_page(service: Session, queue: list[str], page_size: int) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = await service.call("list_call_tasks", {"page_size": page_size, "cursor": cursor})
        seen += [item["task_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["items"]) == page_size
    assert seen == queue


async def test_show_whom_to_call_and_whether(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await use_utc(owner, judgment.tenant_id)
    await add_attempts(owner, judgment.plaintiff_id, {2: "reached_warm", 1: "no_answer"})
    case_id = await open_case(judgment, tier="tier2")
    await add_call(owner, judgment.plaintiff_id, case_id=case_id)
    [item] = (await api.session(people.operator).call("list_call_tasks"))["items"]
    shown = (
        "plaintiff_name",
        "plaintiff_status",
        "case_id",
        "tier",
        "stage",
        "last_outcome",
        "calls_in_window",
        "rule",
    )
    assert [item[field] for field in shown] == [
        "Harbor Supply LLC",
        "new",
        case_id,
        "tier2",
        "pre_enforcement",
        "no_answer",
        2,
        "quiet_days_after_conversation",
    ]


async def test_are_of_one_tenant_and_open_calls(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    mine, theirs = await make_judgment(), await make_judgment(tenant_id=people.other_tenant)
    task_id = await add_call(owner, mine.plaintiff_id)
    await add_call(owner, theirs.plaintiff_id)
    done = await add_call(owner, mine.plaintiff_id)
    review = await add_call(owner, mine.plaintiff_id)
    await owner.execute("update plaintiff_tasks set status = 'done', closed_at = now() where id = $1", done)
    await owner.execute("update plaintiff_tasks set kind = 'review' where id = $1", review)
    listed = await api.session(people.operator).call("list_call_tasks")
    assert [item["task_id"] for item in listed["items"]] == [task_id]


class TestRefuses:
    @pytest.mark.parametrize("who", ["member", "stranger"])
    async def test_whoever_does_not_call(
        self, owner: asyncpg.Connection, api: Database, people: People, who: str
    ) -> None:
        error = await refused_call(owner, api.session(getattr(people, who)), "list_call_tasks", {})
        assert (error.status, error.code) == (403, "operator_required")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"page_size": 0}, "page_size"),
            ({"page_size": 201}, "page_size"),
            ({"cursor": "zz"}, "cursor"),
            ({"cursor": "abcd"}, "cursor"),
            ({"cursor": b"now|tier1|yesterday|7".hex()}, "cursor"),
            ({"cursor": b"\xff\xfe".hex()}, "cursor"),
            ({"cursor": b"2026-01-01".hex()}, "cursor"),
        ],
    )
    async def test_what_is_no_page(
        self, owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
    ) -> None:
        error = await refused_call(owner, service, "list_call_tasks", changes)
        assert wrong_fields(error) == [field]
