"""A request is a job with the case's id, its docket number, and who asked when."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import messages
from tests.enforcement.conftest import MakeJudgment, OpenCase, People


async def test_packs_what_the_worker_needs(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    msg_id = await service.call("request_case_copilot", {"case_id": case_id, "requested_by": "nightly"})
    assert await owner.fetchval("select msg_id from pgmq.q_case_copilot") == msg_id
    [job] = await messages(owner, "case_copilot")
    assert datetime.fromisoformat(job.pop("requested_at")) == await owner.fetchval(
        "select enqueued_at from pgmq.q_case_copilot"
    )
    assert job == {
        "case_id": case_id,
        "case_number": await owner.fetchval(
            "select case_number from judgments.cases where id = $1", judgment.docket_id
        ),
        "requested_by": "nightly",
        "tenant_id": str(judgment.tenant_id),
    }


async def test_names_the_person_by_their_token(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    call = {"case_id": await open_case(), "requested_by": "somebody else"}
    await api.session(people.operator).call("request_case_copilot", call)
    [job] = await messages(owner, "case_copilot")
    assert job["requested_by"] == f"user:{people.operator.sub}"


async def test_needs_no_name_and_no_docket(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await owner.execute("delete from judgments.cases where id = $1", judgment.docket_id)
    await service.call("request_case_copilot", {"case_id": await open_case(judgment)})
    [job] = await messages(owner, "case_copilot")
    assert (job["case_number"], job["requested_by"]) == (None, "service")


async def test_is_a_job_of_its_own_each_time(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    call = {"case_id": await open_case()}
    first, second = [await service.call("request_case_copilot", call) for _ in range(2)]
    assert first != second
    assert len(await messages(owner, "case_copilot")) == 2
