"""What happened to a case is told to webhooks, people and workers: once, with facts and nobody's words."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.delivery.webhooks import Webhooks
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.waiting import locks_awaited

FAN_OUT = "fan_out_enforcement_events"


async def jobs(owner: asyncpg.Connection, queue: str) -> list[dict[str, Any]]:
    return [
        json.loads(row[0]) for row in await owner.fetch(f"select message from pgmq.q_{queue} order by msg_id")
    ]


async def log(service: Session, case_id: str, kind: str, **payload: Any) -> str:
    told = {"case_id": case_id, "event_kind": kind, "document_path": "court/a.pdf", "payload": payload}
    event_id = await service.call("log_enforcement_event", {"payload": told})
    assert isinstance(event_id, str)
    return event_id


async def test_people_are_alerted_of_the_kinds_that_say_so(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await log(service, case_id, "bank_levy_filed", bank="First Harbor")
    await log(service, case_id, "bank_levy_served", bank="First Harbor")
    assert await service.call(FAN_OUT) == {"fanned_out": 2, "set_aside": 0, "is_more": False}
    [alert] = await jobs(owner, "casebase_alerts")
    reference, tenant_id = await owner.fetchrow("select reference, tenant_id::text from enforcement_cases")
    assert (alert["tenant_id"], alert["kind"]) == (tenant_id, "bank_levy_served")
    assert alert["title"] == f"Bank levy served: case {reference}"
    assert reference in alert["body"]
    assert "Harbor" not in json.dumps(alert)


async def test_a_payments_alert_tells_what_remains(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case(await make_judgment(amount="1000.00"))
    payment = {"case_id": case_id, "amount": 250.5, "source": "wire", "reference": "W-1"}
    await service.call("record_enforcement_payment", {"payload": payment})
    await service.call(FAN_OUT)
    [alert] = await jobs(owner, "casebase_alerts")
    assert "Amount: 250.5" in alert["body"]
    assert "Balance: 749.5" in alert["body"]


async def test_endpoints_get_facts(
    owner: asyncpg.Connection, api: Database, service: Session, open_case: OpenCase
) -> None:
    await Webhooks(api).add("https://hooks.example/enforcement", ["enforcement.*"])
    case_id = await open_case()
    event_id = await log(service, case_id, "garnishment_served", employer="Quill Works", text="a secret")
    moved = {"case_id": case_id, "stage": "garnishment", "note": "a secret"}
    await service.call("set_enforcement_stage", {"payload": moved})
    await service.call(FAN_OUT)
    served, changed = await owner.fetch(
        "select event_id::text, event_type, subject_id::text, payload from casebase.webhook_deliveries order by event_type desc"
    )
    assert tuple(served)[:3] == (event_id, "enforcement.garnishment_served", case_id)
    facts = json.loads(served["payload"])
    assert facts.keys() == {"case_id", "judgment_id", "event_id", "actor_type", "occurred_at"}
    assert (facts["case_id"], facts["event_id"]) == (case_id, event_id)
    assert changed["event_type"] == "enforcement.case_stage_changed"
    told = json.loads(changed["payload"])
    assert (told["from"], told["to"]) == ("pre_enforcement", "garnishment")
    assert "secret" not in served["payload"] + changed["payload"]


async def test_another_tenants_endpoint_hears_nothing(
    owner: asyncpg.Connection, api: Database, service: Session, people: People, make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:  # fmt: skip
    await Webhooks(api).add("https://hooks.example/enforcement")
    await log(service, await open_case(await make_judgment(tenant_id=people.other_tenant)), "note")
    await service.call(FAN_OUT)
    assert await owner.fetchval("select count(*) from casebase.webhook_deliveries") == 0


async def test_a_change_of_stage_has_the_playbook_looked_at(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "bank_levy"}})
    await service.call(FAN_OUT)
    tenant_id = await owner.fetchval("select tenant_id::text from enforcement_cases")
    assert await jobs(owner, "enforce") == [{"case_id": case_id, "tenant_id": tenant_id}]


@pytest.mark.parametrize("status", ["satisfied", "withdrawn"])
async def test_a_closure_has_not(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, status: str
) -> None:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": status}})
    await service.call(FAN_OUT)
    assert await jobs(owner, "enforce") == []


async def test_it_goes_in_batches(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    for _ in range(5):
        await log(service, case_id, "bank_levy_served")
    told = [await service.call(FAN_OUT, {"batch_limit": 2}) for _ in range(3)]
    assert [(each["fanned_out"], each["is_more"]) for each in told] == [(2, True), (2, True), (1, False)]
    assert await owner.fetchval("select count(*) from enforcement.event_outbox") == 0


async def test_twenty_at_once_tell_each_event_once(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for _ in range(50):
        await log(service, case_id, "bank_levy_served")
    told = await asyncio.gather(*(service.call(FAN_OUT, {"batch_limit": 7}) for _ in range(20)))
    rest = await service.call(FAN_OUT, {"batch_limit": 1000})
    assert sum(each["fanned_out"] for each in [*told, rest]) == 50
    assert len(await jobs(owner, "casebase_alerts")) == 50


async def test_what_fails_is_told_later(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    """Telling and forgetting are one transaction."""
    await log(service, await open_case(), "bank_levy_served")
    async with owner.transaction():
        await owner.execute("lock table casebase.job_keys in access exclusive mode")
        calling = asyncio.create_task(service.call(FAN_OUT))
        [waiting] = await locks_awaited(owner, on="casebase.job_keys")
        await owner.execute("select pg_terminate_backend($1)", waiting)
        with pytest.raises(Exception):  # noqa: B017  # however the lost connection shows
            await calling
    assert await owner.fetchval("select count(*) from enforcement.event_outbox") == 1
    assert await service.call(FAN_OUT) == {"fanned_out": 1, "set_aside": 0, "is_more": False}
    assert len(await jobs(owner, "casebase_alerts")) == 1
