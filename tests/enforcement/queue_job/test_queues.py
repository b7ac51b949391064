"""A job waits on the queue of its kind, under its tenant's name."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import messages
from tests.enforcement.conftest import OpenCase, People

KINDS = ("enrich", "outreach", "enforce", "case_copilot")


@pytest.mark.parametrize("kind", KINDS)
async def test_waits_on_its_queue(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, kind: str
) -> None:
    case_id = await open_case()
    payload = {"kind": kind, "idempotency_key": "k-1", "payload": {"case_id": case_id, "reason": "asked"}}
    msg_id = await api.session(people.operator).call("queue_job", {"payload": payload})
    assert await messages(owner, kind) == [
        {"case_id": case_id, "reason": "asked", "tenant_id": str(people.default_tenant)}
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
    assert ["case_id" in message for message in await messages(owner, kind)] == [False]


async def test_may_wait_for_a_while(owner: asyncpg.Connection, service: Session) -> None:
    payload = {"kind": "enforce", "idempotency_key": "k-1", "delay_s": 3600}
    await service.call("queue_job", {"payload": payload})
    assert await owner.fetchval("select vt > clock_timestamp() + interval '59 minutes' from pgmq.q_enforce")


async def test_holds_no_personal_data(owner: asyncpg.Connection, service: Session) -> None:
    payload = {"kind": "enrich", "idempotency_key": "k-1", "payload": {"note": "mail a.b@example.com"}}
    await service.call("queue_job", {"payload": payload})
    assert [message["note"] for message in await messages(owner, "enrich")] == ["mail [email]"]


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
