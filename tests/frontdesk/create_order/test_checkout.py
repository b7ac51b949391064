"""A checkout makes one order, however often and from wherever it is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal

CHECKOUT: dict[str, Any] = {
    "checkout_id": "cart-7",
    "items": [{"sku": "TEA", "quantity": 2}, {"name": "Wrapping", "quantity": 1, "unit_price": "1.50"}],
    "customer_email": "ada@example.com",
    "shipping_address": {"name": "Ada Byron", "city": "London"},
}
PRICES = {"products": [{"sku": "TEA", "name": "Tea", "unit_price": "12.50"}]}


async def test_fifty_senders_of_one_make_one_order(owner: asyncpg.Connection, service: Session) -> None:
    await service.call("set_products", {"payload": PRICES})
    replies = await asyncio.gather(*(service.call("create_order", {"payload": CHECKOUT}) for _ in range(50)))
    assert len({reply["order_id"] for reply in replies}) == 1
    assert sorted(reply["is_repeated"] for reply in replies) == [False] + [True] * 49
    assert await owner.fetchval("select count(*) from public.orders") == 1


async def test_it_is_known_again_however_it_is_spelled(service: Session) -> None:
    await service.call("set_products", {"payload": PRICES})
    first = await service.call("create_order", {"payload": CHECKOUT})
    # What it is made of costs more now, then is not sold any more: the checkout is what it was.
    for price in ({"unit_price": 99}, {"is_active": False}):
        await service.call("set_products", {"payload": {"products": [{**PRICES["products"][0], **price}]}})
        tea, wrapping = CHECKOUT["items"]
        spelled = [{**tea, "quantity": 2.0, "name": None}, {**wrapping, "unit_price": 1.5}]
        again = await service.call(
            "create_order",
            {"payload": {**CHECKOUT, "items": spelled, "customer_email": "Ada@Example.COM", "user_id": None}},
        )
        assert again == {**first, "is_repeated": True}


async def test_another_one_needs_another_id(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    await service.call("set_products", {"payload": PRICES})
    await service.call("create_order", {"payload": CHECKOUT})
    tea, wrapping = CHECKOUT["items"]
    for change in (
        {"items": [{**tea, "quantity": 3}, wrapping]},
        {"items": [wrapping, tea]},
        {"items": [tea]},
        {"currency": "EUR"},
        {"customer_email": "eve@example.com"},
        {"user_id": str(people.customer.sub)},
        {"payment_method": "card"},
        {"shipping_address": {"name": "Eve", "city": "London"}},
    ):
        error = await refusal(owner, service, "create_order", {**CHECKOUT, **change})
        assert (error.status, error.code) == (409, "checkout_id_reused")
    theirs = {**CHECKOUT, "tenant_id": str(people.other_tenant), "items": [wrapping]}
    assert (await service.call("create_order", {"payload": theirs}))["is_repeated"] is False


async def test_without_an_id_each_is_another(owner: asyncpg.Connection, service: Session) -> None:
    payload = {"items": [{"name": "Wrapping", "quantity": 1, "unit_price": 1}]}
    made = [await service.call("create_order", {"payload": payload}) for _ in range(2)]
    assert made[0]["order_id"] < made[1]["order_id"]


async def test_who_decides_orders(owner: asyncpg.Connection, api: Database, people: People) -> None:
    payload = {
        "items": [{"name": "Tea", "quantity": 1, "unit_price": 1}],
        "tenant_id": str(people.default_tenant),
    }
    for principal in (people.owner, people.admin):
        await api.session(principal).call("create_order", {"payload": payload})
    for principal, code in (
        (people.member, "administrator_required"),
        (people.other_admin, "tenant_not_found"),
        (people.customer, "tenant_not_found"),
    ):
        assert (await refusal(owner, api.session(principal), "create_order", payload)).code == code
    unknown = {**payload, "user_id": str(people.other_tenant)}
    assert (await refusal(owner, api.session(people.admin), "create_order", unknown)).code == "user_not_found"
