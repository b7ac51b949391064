"""A request is a job with the case's id, its docket number, and who asked when."""

from __future__ import annotations

import asyncio
from datetime import datetime

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import messages, refused_call
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


async def test_is_the_one_that_waits(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    call = {"case_id": await open_case()}
    ids = await asyncio.gather(*(service.call("request_case_copilot", call) for _ in range(50)))
    assert len(set(ids)) == 1
    await service.call("request_case_copilot", {"case_id": await open_case()})
    assert len(await messages(owner, "case_copilot")) == 2


async def test_is_a_new_job_once_a_worker_has_the_first(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    """What the case says may have changed since."""
    call = {"case_id": await open_case()}
    first = await service.call("request_case_copilot", call)
    await owner.execute("select pgmq.read('case_copilot', 60, 1)")
    assert await service.call("request_case_copilot", call) != first


async def test_is_not_held_up_by_one_for_later(service: Session, open_case: OpenCase) -> None:
    call = {"case_id": await open_case()}
    job = {"kind": "case_copilot", "idempotency_key": "k", "payload": call, "delay_s": 2592000}
    later = await service.call("queue_job", {"payload": job})
    assert await service.call("request_case_copilot", call) != later


async def test_beyond_what_a_tenant_may_have_waiting_is_refused(
    owner: asyncpg.Connection, service: Session, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:  # fmt: skip
    case_id = await open_case()
    await owner.execute(
        """
        select pgmq.send('case_copilot', jsonb_build_object('tenant_id', $1::text, 'requested_by', 'service'))
        from generate_series(1, 100)
        """,
        str(people.default_tenant),
    )
    error = await refused_call(owner, service, "request_case_copilot", {"case_id": case_id})
    assert (error.status, error.code) == (429, "too_many_jobs")
    assert error.detail["retry_after"] > 0
    other = await open_case(await make_judgment(tenant_id=people.other_tenant))
    assert await service.call("request_case_copilot", {"case_id": other})
