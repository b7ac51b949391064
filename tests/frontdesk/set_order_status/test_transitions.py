"""An order is settled once: of many who try, one does it, and what it became stays."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal_of, wrong_fields
from tests.support.waiting import locks_awaited

SETTLED = ("completed", "failed", "cancelled")


async def create(service: Session, **fields: Any) -> str:
    payload = {"items": [{"name": "Tea", "quantity": 1, "unit_price": 2}], **fields}
    order_id: str = (await service.call("create_order", {"payload": payload}))["order_id"]
    return order_id


@pytest.mark.parametrize("status", SETTLED)
async def test_from_pending_to_where_it_stays(
    owner: asyncpg.Connection, service: Session, status: str
) -> None:
    order_id = await create(service, customer_email="ada@example.com")
    settled = {"order_id": order_id, "status": status, "transaction_id": "ch_1"}
    first = await service.call("set_order_status", settled)
    assert (first["status"], first["transaction_id"], first["is_repeated"]) == (status, "ch_1", False)
    assert "ada@example.com" not in str(first)
    for again in (settled, {"order_id": order_id, "status": status}):
        assert await service.call("set_order_status", again) == {**first, "is_repeated": True}

    for other in ({"transaction_id": "ch_2"}, *({"status": each} for each in SETTLED if each != status)):
        error = await refusal_of(owner, service, "set_order_status", **{**settled, **other})
        assert (error.status, error.code) == (409, f"order_{status}")
    # Nor does its owner undo it, by whatever way.
    for change in ("status = 'pending'", "transaction_id = 'ch_2'", "total = 3", "currency = 'EUR'"):
        with pytest.raises(asyncpg.PostgresError, match=r"order_(immutable|completed|failed|cancelled)"):
            await owner.execute(f"update public.orders set {change}")


async def test_fifty_who_settle_one_differently(owner: asyncpg.Connection, service: Session) -> None:
    order_id = await create(service)

    async def settle(n: int) -> tuple[str, str]:
        status = SETTLED[n % 3]
        try:
            reply = await service.call("set_order_status", {"order_id": order_id, "status": status})
        except RpcError as refused:
            return "refused", refused.code
        return ("repeated" if reply["is_repeated"] else "settled"), reply["status"]

    # Whoever has a connection has seen the order pending, and waits.
    async with owner.transaction():
        await owner.execute("select from public.orders for update")
        settling = asyncio.gather(*(settle(n) for n in range(50)))
        await locks_awaited(owner, 10)
    outcomes = Counter(await settling)
    [became] = [status for outcome, status in outcomes if outcome == "settled"]
    same = sum(SETTLED[n % 3] == became for n in range(50))
    assert outcomes == {
        ("settled", became): 1,
        ("repeated", became): same - 1,
        ("refused", f"order_{became}"): 50 - same,
    }
    assert await owner.fetchval("select status from public.orders") == became


async def test_its_tenants_administrators_settle_it(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    theirs = await create(service, user_id=str(people.customer.sub))
    for principal, code in (
        (people.customer, "administrator_required"),
        (people.other_customer, "order_not_found"),
        (people.member, "order_not_found"),
        (people.other_admin, "order_not_found"),
    ):
        error = await refusal_of(
            owner, api.session(principal), "set_order_status", order_id=theirs, status="cancelled"
        )
        assert error.code == code
    assert (await set_by(api, people.admin, theirs))["status"] == "completed"
    assert (await set_by(api, people.owner, await create(service)))["status"] == "completed"


async def set_by(api: Database, principal: Principal, order_id: str) -> dict[str, Any]:
    reply: dict[str, Any] = await api.session(principal).call(
        "set_order_status", {"order_id": order_id, "status": "completed"}
    )
    return reply


async def test_what_is_no_settlement_is_refused(owner: asyncpg.Connection, service: Session) -> None:
    order_id = await create(service)
    for wrong, field in (
        ({"status": "pending"}, "status"),
        ({"status": "refunded"}, "status"),
        ({"status": None}, "status"),
        ({"status": "failed", "transaction_id": ""}, "transaction_id"),
        ({"status": "failed", "transaction_id": "x" * 201}, "transaction_id"),
    ):
        error = await refusal_of(owner, service, "set_order_status", order_id=order_id, **wrong)
        assert wrong_fields(error) == [field]
    for nobodys in ("ord_" + "0" * 26, "", "x" * 10_000, None):
        error = await refusal_of(owner, service, "set_order_status", order_id=nobodys, status="failed")
        assert (error.status, error.code) == (404, "order_not_found")
