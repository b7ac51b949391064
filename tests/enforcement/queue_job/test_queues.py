"""A job waits on the queue of its kind, under its tenant's name."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Session
from tests.enforcement.calls import messages
from tests.enforcement.conftest import OpenCase, People
from tests.enforcement.judgments import DEBTOR
from tests.support.refusals import refusal

KINDS = ("enrich", "outreach", "enforce", "case_copilot")


@pytest.mark.parametrize("kind", KINDS)
async def test_waits_on_its_queue(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, kind: str
) -> None:
    case_id = await open_case()
    payload = {"kind": kind, "idempotency_key": "k-1", "payload": {"case_id": case_id, "judgment_id": None}}
    msg_id = await api.session(people.operator).call("queue_job", {"payload": payload})
    assert await messages(owner, kind) == [
        {
            "case_id": case_id,
            "requested_by": f"user:{people.operator.sub}",
            "tenant_id": str(people.default_tenant),
        }
    ]
    assert await owner.fetchval(f"select msg_id from pgmq.q_{kind}") == msg_id


async def test_for_a_docket_that_nobody_enforces_yet(
    owner: asyncpg.Connection, service: Session, make_judgment: Any
) -> None:
    docket_id = str((await make_judgment()).docket_id)
    payload = {"kind": "enrich", "idempotency_key": "k-1", "payload": {"case_id": docket_id}}
    await service.call("queue_job", {"payload": payload})
    assert [message["case_id"] for message in await messages(owner, "enrich")] == [docket_id]


@pytest.mark.parametrize("kind", ["enrich", "outreach", "enforce"])
async def test_may_name_nothing_where_the_worker_goes_through_all(
    owner: asyncpg.Connection, service: Session, kind: str
) -> None:
    await service.call("queue_job", {"payload": {"kind": kind, "idempotency_key": "k-1"}})
    assert [message.keys() for message in await messages(owner, kind)] == [{"tenant_id", "requested_by"}]


async def test_may_wait_for_a_while(owner: asyncpg.Connection, service: Session) -> None:
    payload = {"kind": "enforce", "idempotency_key": "k-1", "delay_s": 3600}
    await service.call("queue_job", {"payload": payload})
    assert await owner.fetchval("select vt > clock_timestamp() + interval '59 minutes' from pgmq.q_enforce")


async def test_holds_no_text_of_the_callers(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    key = f"call {DEBTOR}"
    await service.call("queue_job", {"payload": {"kind": "enforce", "idempotency_key": key}})
    assert await messages(owner, "enforce") == [
        {"requested_by": "service", "tenant_id": str(people.default_tenant)}
    ]
    assert not await owner.fetchval("select exists (select from casebase.job_keys where key ~ 'call ')")


class TestAKey:
    async def test_makes_one_job_of_fifty_at_once(self, owner: asyncpg.Connection, service: Session) -> None:
        payload = {"kind": "enforce", "idempotency_key": "once"}
        ids = await asyncio.gather(*(service.call("queue_job", {"payload": payload}) for _ in range(50)))
        assert len(set(ids)) == 1
        assert len(await messages(owner, "enforce")) == 1

    async def test_is_of_one_kind(
        self, owner: asyncpg.Connection, service: Session, open_case: OpenCase
    ) -> None:
        job = {"idempotency_key": "once", "payload": {"case_id": await open_case()}}
        for kind in KINDS:
            await service.call("queue_job", {"payload": {"kind": kind, **job}})
        assert [len(await messages(owner, kind)) for kind in KINDS] == [1, 1, 1, 1]

    async def test_is_of_one_tenant(self, owner: asyncpg.Connection, api: Database, people: People) -> None:
        payload = {"kind": "enforce", "idempotency_key": "once"}
        for who in (people.operator, people.other_operator):
            await api.session(who).call("queue_job", {"payload": payload})
        tenants = {message["tenant_id"] for message in await messages(owner, "enforce")}
        assert tenants == {str(people.default_tenant), str(people.other_tenant)}

    @pytest.mark.parametrize("who", ["operator", "anon"])
    async def test_is_not_the_nights(
        self, owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, who: str
    ) -> None:
        """Nobody can put the schedules' own jobs off by taking their keys."""
        await open_case()
        await owner.execute(
            "insert into enforcement.settings (tenant_id, allow_anonymous_rpc) values ($1, true)",
            people.default_tenant,
        )
        day = (await owner.fetchval("select casebase.now()")).date()
        judgment_id = await owner.fetchval("select id from judgments")
        caller = api.session(ANON if who == "anon" else people.operator)
        for kind, key in (("outreach", f"nightly:{day}"), ("enrich", f"due:{judgment_id}:{day}")):
            job = {"kind": kind, "idempotency_key": key, "delay_s": 2592000}
            await caller.call("queue_job", {"payload": job | {"tenant_id": str(people.default_tenant)}})
        await owner.fetchval("select enforcement.queue_outreach('{}')")
        await api.session(SERVICE).call("queue_due_enrichment", {"payload": {}})
        for kind in ("outreach", "enrich"):
            due = f"select count(*) from pgmq.q_{kind} where vt <= clock_timestamp()"
            assert await owner.fetchval(due) == 1


class TestATenant:
    """What one queues is bounded, so that nobody waits long behind it."""

    async def fill(self, owner: asyncpg.Connection, kind: str, tenant_id: object, count: int) -> None:
        await owner.execute(
            f"""
            select pgmq.send('{kind}', jsonb_build_object('tenant_id', $1::text, 'requested_by', 'service'))
            from generate_series(1, $2)
            """,
            str(tenant_id),
            count,
        )

    @pytest.mark.parametrize(("kind", "most"), [("enforce", 1000), ("case_copilot", 100)])
    async def test_has_so_many_jobs_waiting(
        self, owner: asyncpg.Connection, api: Database, people: People, make_judgment: Any, open_case: OpenCase,
        kind: str, most: int,
    ) -> None:  # fmt: skip
        case_id = await open_case()
        job = {"kind": kind, "payload": {"case_id": case_id}}
        await self.fill(owner, kind, people.default_tenant, most - 1)
        session = api.session(people.operator)
        first = await session.call("queue_job", {"payload": {**job, "idempotency_key": "last"}})
        error = await refusal(owner, session, "queue_job", {**job, "idempotency_key": "one more"})
        assert (error.status, error.code) == (429, "too_many_jobs")
        assert error.detail["retry_after"] > 0
        assert await session.call("queue_job", {"payload": {**job, "idempotency_key": "last"}}) == first
        other = await open_case(await make_judgment(tenant_id=people.other_tenant))
        job = {"kind": kind, "idempotency_key": "k", "payload": {"case_id": other}}
        assert await api.session(people.other_operator).call("queue_job", {"payload": job})

    async def test_is_not_charged_with_the_nights(
        self, owner: asyncpg.Connection, service: Session, people: People
    ) -> None:
        await owner.execute(
            "select pgmq.send('enrich', jsonb_build_object('tenant_id', $1::text)) from generate_series(1, 1000)",
            str(people.default_tenant),
        )
        assert await service.call("queue_job", {"payload": {"kind": "enrich", "idempotency_key": "k"}})
