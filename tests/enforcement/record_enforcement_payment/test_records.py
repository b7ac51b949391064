"""Money received lowers the balance of the case and of its judgment together."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People


async def pay(session: Session, **payload: Any) -> Any:
    payload = {"amount": 250.75, "source": "wire", **payload}
    return await session.call("record_enforcement_payment", {"payload": payload})


async def balances(owner: asyncpg.Connection) -> tuple[str, str]:
    row = await owner.fetchrow(
        "select c.current_balance::text, j.balance_due::text from enforcement_cases c join judgments j on j.id = c.judgment_id"
    )
    assert row is not None
    return tuple(row)


async def test_both_balances_fall(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="1000.00")
    case_id = await open_case(judgment)
    answer = await pay(service, case_id=case_id)
    payment = await owner.fetchrow("select * from enforcement_payments")
    assert payment is not None
    assert answer == {
        "payment_id": str(payment["id"]),
        "event_id": str(payment["event_id"]),
        "case_id": case_id,
        "judgment_id": str(judgment.id),
        "amount": 250.75,
        "balance": 749.25,
    }
    assert await balances(owner) == ("749.25", "749.25")
    assert (str(payment["amount"]), str(payment["balance_after"])) == ("250.75", "749.25")


async def test_the_event_tells_amount_balance_and_source(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    await pay(
        api.session(people.operator),
        case_id=await open_case(),
        reference="CHK-0042/7",
        received_at="2026-03-02T10:00:00-05:00",
        document_path="receipts/2026/42.pdf",
        actor="somebody else",
    )
    event = await owner.fetchrow("select * from enforcement_events")
    payment = await owner.fetchrow("select * from enforcement_payments")
    assert event is not None
    assert payment is not None
    assert event["event_kind"] == "payment_received"
    assert json.loads(event["payload"]) == {"amount": 250.75, "balance": 12249.25, "source": "wire"}
    assert payment["reference"] == "CHK-0042/7"
    who, when = f"user:{people.operator.sub}", datetime.fromisoformat("2026-03-02T15:00:00+00:00")
    assert event["actor"] == payment["recorded_by"] == who
    assert event["occurred_at"] == payment["received_at"] == when
    assert event["document_path"] == payment["document_path"] == "receipts/2026/42.pdf"


async def test_the_history_tells_the_balance_before_and_after(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    await pay(service, case_id=await open_case())
    delta = await owner.fetchval("select delta from enforcement_history where change = 'payment_recorded'")
    assert json.loads(delta) == {"current_balance": {"from": 12500.00, "to": 12249.25}}


async def test_the_judgment_alone_names_its_case(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    first = await open_case(judgment)
    await service.call("close_enforcement_case", {"payload": {"case_id": first, "status": "withdrawn"}})
    second = await open_case(judgment)
    assert (await pay(service, judgment_id=str(judgment.id)))["case_id"] == second
    assert (await pay(service, judgment_id=str(judgment.id), case_id=second))["balance"] == 11998.50


async def test_payments_without_a_reference_are_each_their_own(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for _ in range(3):
        await pay(service, case_id=case_id, amount=10)
    assert await balances(owner) == ("12470.00", "12470.00")


async def test_the_last_cent_leaves_the_case_open(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case(await make_judgment(amount="500.01"))
    await pay(service, case_id=case_id, amount=500)
    assert (await pay(service, case_id=case_id, amount=0.01))["balance"] == 0
    assert await balances(owner) == ("0.00", "0.00")
    assert await owner.fetchval("select status from enforcement_cases") == "open"
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "satisfied"}})
    assert await owner.fetchval("select status from enforcement_cases") == "satisfied"
