"""A tenant's orders are listed newest first, by the page, as they are asked for; one's own from wherever they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal, refusal_of, wrong_fields


@pytest.fixture
async def orders(owner: asyncpg.Connection, service: Session, people: People) -> list[str]:
    """Twelve orders of two tenants, the newest first; several of one moment."""
    made = []
    for n in range(12):
        payload: dict[str, Any] = {"items": [{"name": "Tea", "quantity": n + 1, "unit_price": 1}]}
        payload["tenant_id"] = str(people.other_tenant if n % 4 == 3 else people.default_tenant)
        if n % 2:
            payload["customer_email"] = "ada@example.com"
        if n % 3 == 0:
            payload["user_id"] = str(people.customer.sub)
        made.append((await service.call("create_order", {"payload": payload}))["order_id"])
    await owner.execute("alter table public.orders disable trigger orders_guard")
    await owner.execute(
        "update public.orders set created_at = '2026-06-17T10:00:00Z'::timestamptz + total::int / 3 * interval '1 hour', "
        "status = case when total::int % 3 = 0 then 'completed' else status end"
    )
    await owner.execute("alter table public.orders enable trigger orders_guard")
    found = await owner.fetch("select order_id from public.orders order by created_at desc, id desc")
    assert len(made) == len(found) == 12
    return [each["order_id"] for each in found]


async def pages(session: Session, function: str, **asked: Any) -> list[dict[str, Any]]:
    """All items, page by page; each page is as long as was asked for, but the last."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        given = {**asked, "page_size": 2, "cursor": cursor}
        page = await session.call(function, given if function == "list_my_orders" else {"payload": given})
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
        assert len(page["items"]) == 2


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["order_id"] for item in items]


async def test_a_tenants(owner: asyncpg.Connection, api: Database, orders: list[str], people: People) -> None:
    admin = api.session(people.admin)
    rows = {
        each["order_id"]: each
        for each in await owner.fetch(
            "select * from public.orders where tenant_id = $1", people.default_tenant
        )
    }
    own = [each for each in orders if each in rows]
    listed = await pages(admin, "list_orders")
    assert ids(listed) == own
    assert all("items" not in each and each["item_count"] == 1 for each in listed)
    for status in ("pending", "completed", "failed"):
        wanted = [each for each in own if rows[each]["status"] == status]
        assert ids(await pages(admin, "list_orders", status=status)) == wanted
    adas = [each for each in own if rows[each]["customer_email"]]
    assert adas
    assert ids(await pages(admin, "list_orders", customer_email="ADA@example.com")) == adas
    first, last = rows[own[-1]]["created_at"], rows[own[0]]["created_at"]
    between = await pages(admin, "list_orders", **{"from": first + timedelta(hours=1), "until": last})
    assert ids(between) == [
        each for each in own if first + timedelta(hours=1) <= rows[each]["created_at"] < last
    ]


async def test_ones_own(
    owner: asyncpg.Connection, api: Database, service: Session, orders: list[str], people: People
) -> None:
    await owner.execute(
        "update auth.users set email = 'ada@example.com', email_confirmed_at = now() where id = $1",
        people.customer.sub,
    )
    by_account = [
        each["order_id"]
        for each in await owner.fetch(
            "select order_id from public.orders where user_id = $1", people.customer.sub
        )
    ]
    ada = api.session(people.customer)
    assert ids(await pages(ada, "list_my_orders")) == [each for each in orders if each in by_account]
    # With the address too: of both tenants, and those that are theirs by both once.
    ada = api.session(
        type(people.customer)("authenticated", sub=people.customer.sub, email="ada@example.com")
    )
    both = {
        each["order_id"]
        for each in await owner.fetch(
            "select order_id from public.orders where user_id = $1 or customer_email = 'ada@example.com'",
            people.customer.sub,
        )
    }
    assert len(by_account) < len(both) < len(orders)
    listed = await pages(ada, "list_my_orders")
    assert ids(listed) == [each for each in orders if each in both]
    assert {each["tenant_id"] for each in listed} == {str(people.default_tenant), str(people.other_tenant)}
    assert all("customer_email" not in each for each in listed)
    assert (await api.session(people.other_customer).call("list_my_orders"))["items"] == []


async def test_refusals(owner: asyncpg.Connection, api: Database, service: Session, people: People) -> None:
    for principal, code in ((people.member, "administrator_required"), (people.customer, "tenant_not_found")):
        assert (await refusal(owner, api.session(principal), "list_orders", {})).code == code
    theirs = {"tenant_id": str(people.other_tenant)}
    assert (await refusal(owner, api.session(people.admin), "list_orders", theirs)).code == "tenant_not_found"
    for wrong in (
        {"cursor": "zz"},
        {"cursor": "00"},
        {"page_size": 0},
        {"page_size": 201},
        {"status": "paid"},
        {"from": "now"},
    ):
        assert wrong_fields(await refusal(owner, service, "list_orders", wrong)) == list(wrong)
    for wrong in ({"cursor": "ab12"}, {"page_size": 0}, {"page_size": None}):
        error = await refusal_of(owner, api.session(people.customer), "list_my_orders", **wrong)
        assert wrong_fields(error) == list(wrong)
    assert (await refusal_of(owner, service, "list_my_orders")).status == 403
