"""A call that may not be is not planned."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.calls import add_attempts, in_days, use_utc
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal, wrong_fields


@pytest.mark.parametrize(
    ("attempts", "days", "rule"),
    [
        ({1: "reached_hot"}, 5, "quiet_days_after_conversation"),
        ({0: "callback"}, 1, "quiet_days_after_conversation"),
        (dict.fromkeys(range(7), "no_answer"), 0, "calls_per_window"),
    ],
)
async def test_that_the_rule_forbids(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    attempts: dict[int, str],
    days: int,
    rule: str,
) -> None:
    judgment = await make_judgment()
    await use_utc(owner, judgment.tenant_id)
    await add_attempts(owner, judgment.plaintiff_id, attempts)
    payload = {"plaintiff_id": str(judgment.plaintiff_id), "due_at": in_days(days)}
    error = await refusal(owner, service, "schedule_call", payload)
    assert (error.status, error.code) == (409, "call_frequency_exceeded")
    assert (error.detail["field"], error.detail["rule"]) == ("due_at", rule)
    earliest = {**payload, "due_at": error.detail["earliest_at"]}
    assert (await service.call("schedule_call", {"payload": earliest}))["task_id"]


async def test_to_who_asked_not_to_be_called(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    plaintiff_id = str((await make_judgment()).plaintiff_id)
    await service.call("log_call_outcome", {"plaintiff_id": plaintiff_id, "outcome": "do_not_call"})
    payload = {"plaintiff_id": plaintiff_id, "due_at": in_days(30)}
    error = await refusal(owner, service, "schedule_call", payload)
    assert (error.status, error.code, error.detail) == (409, "do_not_call", {"field": "due_at"})


async def test_of_which_fifty_come_at_once(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    payload = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "due_at": in_days(3)}
    results = await asyncio.gather(
        *(service.call("schedule_call", {"payload": payload}) for _ in range(50)), return_exceptions=True
    )
    refused = [error.code for error in results if isinstance(error, RpcError)]
    assert refused == ["call_frequency_exceeded"] * 43
    assert await owner.fetchval("select count(*) from plaintiff_tasks") == 7


async def test_about_a_case_that_is_anothers_closed_or_unknown(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    payload = {"plaintiff_id": str(judgment.plaintiff_id), "due_at": in_days(1)}
    error = await refusal(owner, service, "schedule_call", {**payload, "case_id": await open_case()})
    assert wrong_fields(error) == ["case_id"]
    error = await refusal(owner, service, "schedule_call", {**payload, "case_id": str(uuid4())})
    assert (error.status, error.code) == (404, "case_not_found")
    case_id = await open_case(judgment)
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(owner, service, "schedule_call", {**payload, "case_id": case_id})
    assert (error.status, error.code) == (409, "case_closed")


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("other_operator", 404, "plaintiff_not_found"),
        ("stranger", 404, "plaintiff_not_found"),
        ("member", 403, "operator_required"),
    ],
)
async def test_by_whoever_may_not(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    make_judgment: MakeJudgment,
    who: str,
    status: int,
    code: str,
) -> None:
    payload = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "due_at": in_days(1)}
    error = await refusal(owner, api.session(getattr(people, who)), "schedule_call", payload)
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plaintiff_id": None}, "plaintiff_id"),
        ({"plaintiff_id": "7"}, "plaintiff_id"),
        ({"due_at": None}, "due_at"),
        ({"due_at": "soon"}, "due_at"),
        ({"due_at": in_days(-1)}, "due_at"),
        ({"due_at": in_days(400)}, "due_at"),
        ({"case_id": "7"}, "case_id"),
        ({"title": ""}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"notes": "x"}, "notes"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    changes: dict[str, Any],
    field: str,
) -> None:
    payload = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "due_at": in_days(1), **changes}
    assert wrong_fields(await refusal(owner, service, "schedule_call", payload)) == [field]
