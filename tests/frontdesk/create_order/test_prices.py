"""An order is priced by the server, from the price list or by who decides, in Decimal and to the last cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal

TEA = {"sku": "TEA-100", "name": "Tea", "unit_price": "12.50"}
EMAIL = "ada@example.com"


async def stored(owner: asyncpg.Connection, order_id: str) -> tuple[Decimal, list[tuple[Decimal, Decimal]]]:
    """An order's total, and each item's price and amount, as they are stored."""
    total, items = await owner.fetchrow(
        "select total::numeric, array(select row((i ->> 'unit_price')::numeric, (i ->> 'amount')::numeric) "
        "from jsonb_array_elements(items) i) from public.orders where order_id = $1",
        order_id,
    )
    return total, [tuple(item) for item in items]


async def create(service: Session, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    reply: dict[str, Any] = await service.call("create_order", {"payload": {"items": items, **fields}})
    return reply


async def test_from_the_price_list(owner: asyncpg.Connection, service: Session, people: People) -> None:
    products = [
        TEA,
        {**TEA, "unit_price": "1400", "currency": "JPY"},
        {**TEA, "sku": "OLD", "is_active": False},
    ]
    await service.call("set_products", {"payload": {"products": products}})
    reply = await create(service, {"sku": "TEA-100", "quantity": 3}, customer_email="Ada@Example.com")
    assert reply["items"] == [
        {"sku": "TEA-100", "name": "Tea", "quantity": 3, "unit_price": 12.5, "amount": 37.5}
    ]
    assert (reply["total"], reply["currency"], reply["status"]) == (37.5, "USD", "pending")
    assert EMAIL not in str(reply)
    yen = await create(service, {"sku": "TEA-100", "quantity": 2}, currency="JPY")
    assert (yen["total"], yen["currency"]) == (2800, "JPY")
    # What is asked later is not what it was made at.
    await service.call("set_products", {"payload": {"products": [{**TEA, "unit_price": 99}]}})
    assert (await service.call("get_order", {"order_id": reply["order_id"]}))["total"] == 37.5

    for sku in ("OLD", "NOBODYS"):
        wanted = {"items": [{"sku": "TEA-100", "quantity": 1}, {"sku": sku, "quantity": 1}]}
        error = await refusal(owner, service, "create_order", wanted)
        assert (error.status, error.code) == (404, "product_not_found")
        assert [each["field"] for each in error.detail["errors"]] == ["items[1].sku"]
    with pytest.raises(RpcError, match="product_not_found"):
        await create(service, {"sku": "TEA-100", "quantity": 1}, tenant_id=str(people.other_tenant))


async def test_what_is_on_the_list_has_no_other_price(owner: asyncpg.Connection, service: Session) -> None:
    await service.call(
        "set_products", {"payload": {"products": [TEA, {**TEA, "sku": "OLD", "is_active": False}]}}
    )
    cheap = {"sku": "TEA-100", "name": "Tea", "unit_price": "0.01", "quantity": 3}
    wanted = {"items": [{"name": "Wrapping", "unit_price": "0.10", "quantity": 1}, cheap]}
    error = await refusal(owner, service, "create_order", wanted)
    assert (error.status, error.code) == (422, "invalid_input")
    assert [(each["field"], each["rule"]) for each in error.detail["errors"]] == [
        ("items[1].unit_price", "listed")
    ]
    # What is not sold any more, or not in this currency, is not on the list.
    assert (await create(service, {**cheap, "sku": "OLD"}))["total"] == 0.03
    assert (await create(service, cheap, currency="EUR"))["total"] == 0.03
