"""An event may end a task of its case or plaintiff; whoever comes second is told."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal


async def task(owner: asyncpg.Connection, case_id: str, *, of_case: bool = True, kind: str = "review") -> str:
    task_id = await owner.fetchval(
        """
        insert into plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, created_by)
        select c.tenant_id, c.plaintiff_id, case when $2 then c.id end, $3, 'Do it', 'test'
        from enforcement_cases c where c.id = $1 returning id
        """,
        UUID(case_id), of_case, kind,
    )  # fmt: skip
    return str(task_id)


def note(case_id: str, task_id: str) -> dict[str, Any]:
    return {"case_id": case_id, "event_kind": "note", "related_task_id": task_id}


@pytest.mark.parametrize("of_case", [True, False], ids=["of the case", "of the plaintiff"])
async def test_the_task_is_done(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, of_case: bool
) -> None:
    case_id = await open_case()
    task_id = await task(owner, case_id, of_case=of_case)
    await api.session(people.operator).call("log_enforcement_event", {"payload": note(case_id, task_id)})
    ended = await owner.fetchrow("select status, closed_at is not null, closed_by from plaintiff_tasks")
    assert ended is not None
    assert tuple(ended) == ("done", True, f"user:{people.operator.sub}")
    assert str(await owner.fetchval("select related_task_id from enforcement_events")) == task_id


async def test_of_fifty_at_once_one_ends_it(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    task_id = await task(owner, case_id)
    calls = [service.call("log_enforcement_event", {"payload": note(case_id, task_id)}) for _ in range(50)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, RpcError)]
    assert len(refused) == 49
    assert {(error.status, error.code) for error in refused} == {(409, "task_closed")}
    assert await owner.fetchval("select count(*) from enforcement_events") == 1


async def test_a_task_of_another_case_is_not_found(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
    people: People,
) -> None:
    case_id = await open_case()
    foreign = await open_case(await make_judgment(tenant_id=people.other_tenant))
    for other in (await open_case(), foreign):
        payload = note(case_id, await task(owner, other))
        error = await refusal(owner, service, "log_enforcement_event", payload)
        assert (error.status, error.code) == (404, "task_not_found")
        assert error.detail == {"field": "related_task_id"}


async def test_a_call_is_ended_by_its_outcome_alone(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    payload = note(case_id, await task(owner, case_id, kind="call"))
    error = await refusal(owner, service, "log_enforcement_event", payload)
    assert [each["field"] for each in error.detail["errors"]] == ["related_task_id"]
