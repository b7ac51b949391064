"""Amounts are exact to the last cent, in the decimals that their currency has; what is no amount is refused."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebase.kernel.db import SERVICE, Session
from casebase.kernel.errors import RpcError
from tests.conftest import Tenants
from tests.support.reads import call
from tests.support.refusals import wrong_fields
from tests.support.rows import all_rows


def items(*prices: object, quantity: int = 1) -> list[dict[str, Any]]:
    return [{"name": "Thing", "quantity": quantity, "unit_price": price} for price in prices]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"items": items("14.50"), "currency": "JPY"}, "items[0].unit_price"),
    ({"items": items(1, "12.345"), "currency": "KWD"}, "items[1].unit_price"),
    ({"items": items(0.1 + 0.2)}, "items[0].unit_price"),
    ({"items": items("33.333")}, "items[0].unit_price"),
    *(({"items": items(price)}, "items[0].unit_price") for price in (
        "NaN", "Infinity", "-Infinity", "1e400", "1e2", "-1", "", " 1", "1,00", "١٢", ".5", "100000000", -0.01, 1e8, True, [1],
        "9" * 10_000)),
    ({"items": items("60000000", "60000000")}, "items"),
    ({"items": items("99999999.99", quantity=100_000)}, "items"),
    ({"items": items(0)}, "items"),
    ({"items": items(*["1"] * 201)}, "items"),
    ({"items": []}, "items"),
    ({"items": items(1), "currency": "XXX"}, "currency"),
    ({"items": items(1), "currency": "usd"}, "currency"),
    ({"items": items(1, quantity=0)}, "items[0].quantity"),
    ({"items": items(1, quantity=100_001)}, "items[0].quantity"),
    ({"items": [{"name": "Thing", "quantity": 1.5, "unit_price": 1}]}, "items[0].quantity"),
    ({"items": [{"quantity": 1, "unit_price": 1}]}, "items[0].name"),
    ({"items": [{"name": "Thing", "quantity": 1}]}, "items[0].unit_price"),
    ({"items": [{"quantity": 1}]}, "items[0].sku"),
    ({"items": [{"sku": "TEA", "name": " ", "unit_price": 1, "quantity": 1}]}, "items[0].name"),
    ({"items": [{"name": "ż" * 200, "sku": "A" * 64, "unit_price": 1, "quantity": 1}] * 200}, "items"),
    ({"items": items(1), "shipping_address": {"name": "A" * 2001}}, "shipping_address"),
    ({"items": items(1), "total": 1}, "total"),
]  # fmt: skip


TOTALS: list[tuple[list[object], int, str]] = [
    ([0.1, 0.2], 1, "0.30"),
    (["0.10", "0.2"], 1, "0.30"),
    ([33.33, 33.33, 33.34], 1, "100.00"),
    (["33.33"], 3, "99.99"),
    (["0.01"], 100_000, "1000.00"),
    (["999.99"], 100_000, "99999000.00"),
    ([0, "0.01"], 1, "0.01"),
    ([99999999.99], 1, "99999999.99"),
    (["00012.5"], 1, "12.50"),
    (["1.10"] * 200, 1, "220.00"),
]
OF_CURRENCIES = [
    *[(code, "1400", "1400.00") for code in ("JPY", "CLP", "XOF", "UGX")],
    *[(code, "12.34", "12.34") for code in ("KWD", "IQD", "ARS", "BDT", "GEL", "KZT", "XCD")],
    ("EUR", "1.100", "1.10"),
]


async def total_of(owner: asyncpg.Connection, order_id: str) -> str:
    return str(await owner.fetchval("select total::numeric from public.orders where order_id = $1", order_id))


async def test_a_total_is_the_sum_to_the_last_cent(owner: asyncpg.Connection, service: Session) -> None:
    for prices, quantity, total in TOTALS:
        payload = {"items": items(*prices, quantity=quantity)}
        reply = await service.call("create_order", {"payload": payload})
        assert (await total_of(owner, reply["order_id"]), reply["total"]) == (total, float(total))
    for currency, price, total in OF_CURRENCIES:
        reply = await service.call("create_order", {"payload": {"items": items(price), "currency": currency}})
        assert (await total_of(owner, reply["order_id"]), reply["currency"]) == (total, currency)


async def test_what_is_no_amount_is_refused(owner: asyncpg.Connection, service: Session) -> None:
    before = await all_rows(owner)
    for payload, field in WRONG:
        with pytest.raises(RpcError) as refused:
            await service.call("create_order", {"payload": payload})
        assert wrong_fields(refused.value) == [field], payload
    assert await all_rows(owner) == before


async def test_a_number_that_no_float_holds_is_refused(api_url: str) -> None:
    """As psql, PostgREST or supabase-js may send it: JSON's numbers have no end."""
    connection = await asyncpg.connect(api_url)
    try:
        payload = '{"payload": {"items": [{"name": "Thing", "quantity": 1, "unit_price": 1e400}]}}'
        with pytest.raises(asyncpg.PostgresError, match="invalid_input"):
            await connection.fetchval(
                "select body::text from casebase.rpc($1::jsonb, 'create_order', $2::jsonb)",
                SERVICE.claims_json,
                payload,
            )
    finally:
        await connection.close()


_ITEMS = st.lists(
    st.tuples(st.decimals("0", "4000", places=2), st.integers(1, 100)), min_size=1, max_size=200
).filter(lambda bought: sum(price for price, _ in bought) > 0)


async def test_any_items_come_to_their_sum(owner: asyncpg.Connection) -> None:
    """Hypothesis buys; Decimal says what it comes to."""
    loop = asyncio.get_running_loop()

    async def order(wanted: list[dict[str, Any]]) -> str:
        async with owner.transaction():
            reply = await call(owner, SERVICE, "create_order", {"payload": {"items": wanted}})
        return await total_of(owner, reply["order_id"])

    @settings(max_examples=40, database=None)
    @given(bought=_ITEMS)
    def buy(bought: list[tuple[Decimal, int]]) -> None:
        wanted = [{"name": "Thing", "unit_price": str(price), "quantity": n} for price, n in bought]
        total = asyncio.run_coroutine_threadsafe(order(wanted), loop).result(timeout=60)
        assert Decimal(total) == sum(price * n for price, n in bought)

    await asyncio.to_thread(buy)


async def test_the_table_itself_refuses_what_does_not_add_up(
    owner: asyncpg.Connection, tenants: Tenants
) -> None:
    good = {"name": "Tea", "quantity": 2, "unit_price": 1.25, "amount": 2.5}
    insert = (
        "insert into public.orders (order_id, tenant_id, items, total) "
        "values (frontdesk.new_order_id(casebase.now()), $1, $2, $3::text::numeric)"
    )
    await owner.execute(insert, tenants.default, json.dumps([good]), "2.50")
    for wrong, total in [
        ([good], "2.51"),
        ([good], "NaN"),
        ([{**good, "amount": 2.51}], "2.51"),
        ([{**good, "amount": "2.50"}], "2.50"),
        ([{**good, "quantity": 2.5, "amount": 3.125}], "3.13"),
        ([{**good, "quantity": -2, "amount": -2.5}, {**good, "quantity": 4, "amount": 5}], "2.50"),
        ([{**good, "unit_price": 1.255, "amount": 2.51}], "2.51"),
        ([good, "2.50"], "2.50"),
        ([good, None], "2.50"),
        ([], "2.50"),
        ({"total": 2.5}, "2.50"),
        (None, "2.50"),
        ([good] * 201, "502.50"),
    ]:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute(insert, tenants.default, json.dumps(wrong), total)
    with pytest.raises(asyncpg.PostgresError, match="order_immutable"):
        await owner.execute(
            "update public.orders set items = $1, total = 5",
            json.dumps([{**good, "quantity": 4, "amount": 5}]),
        )
