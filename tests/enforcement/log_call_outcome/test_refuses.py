"""A call that cannot be taken down leaves no trace."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import add_call, in_days, refused_call
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import wrong_fields


async def test_to_whoever_is_unknown(owner: asyncpg.Connection, service: Session) -> None:
    call = {"plaintiff_id": str(uuid4()), "outcome": "no_answer"}
    error = await refused_call(owner, service, "log_call_outcome", call)
    assert (error.status, error.code, error.detail) == (404, "plaintiff_not_found", {"field": "plaintiff_id"})


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
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": "no_answer"}
    error = await refused_call(owner, api.session(getattr(people, who)), "log_call_outcome", call)
    assert (error.status, error.code) == (status, code)


class TestATask:
    async def test_that_is_unknown_or_anothers_or_no_call(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment, other = await make_judgment(), await make_judgment()
        review = await owner.fetchval(
            "insert into plaintiff_tasks (tenant_id, plaintiff_id, kind, title, created_by) "
            "values ($1, $2, 'review', 'Review', 'test') returning id",
            judgment.tenant_id,
            judgment.plaintiff_id,
        )
        call = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "no_answer"}
        for task_id in (uuid4(), await add_call(owner, other.plaintiff_id), review):
            error = await refused_call(owner, service, "log_call_outcome", {**call, "task_id": str(task_id)})
            assert (error.status, error.code, error.detail) == (404, "task_not_found", {"field": "task_id"})

    async def test_whose_call_is_logged(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
    ) -> None:
        judgment = await make_judgment()
        task_id = await add_call(owner, judgment.plaintiff_id)
        call = {"plaintiff_id": str(judgment.plaintiff_id), "task_id": task_id, "outcome": "no_answer"}
        await service.call("log_call_outcome", call)
        error = await refused_call(owner, service, "log_call_outcome", call)
        assert (error.status, error.code) == (409, "task_closed")

    async def test_whose_case_is_closed(
        self, owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
    ) -> None:
        judgment = await make_judgment()
        case_id = await open_case(judgment)
        task_id = await add_call(owner, judgment.plaintiff_id, case_id=case_id)
        await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
        call = {"plaintiff_id": str(judgment.plaintiff_id), "task_id": task_id, "outcome": "no_answer"}
        error = await refused_call(owner, service, "log_call_outcome", call)
        assert (error.status, error.code) == (409, "task_closed")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": None}, "outcome"),
        ({"outcome": ""}, "outcome"),
        ({"outcome": "…"}, "outcome"),
        ({"outcome": "won the lottery"}, "outcome"),
        ({"outcome": "reached"}, "outcome"),
        ({"outcome": "x" * 61}, "outcome"),
        ({"interest": "boiling"}, "interest"),
        ({"notes": "x" * 4001}, "notes"),
        ({"follow_up_at": in_days(-1)}, "follow_up_at"),
        ({"follow_up_at": in_days(400)}, "follow_up_at"),
        ({"follow_up_at": "infinity"}, "follow_up_at"),
    ],
)
async def test_with_arguments_that_break_a_rule(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    changes: dict[str, Any],
    field: str,
) -> None:
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": "no_answer", **changes}
    assert wrong_fields(await refused_call(owner, service, "log_call_outcome", call)) == [field]
