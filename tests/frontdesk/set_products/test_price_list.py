"""A tenant's price list is set by who decides, all of it or nothing, and read by its members, by the page."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal, wrong_fields


def product(sku: str, unit_price: object = "12.50", **fields: Any) -> dict[str, Any]:
    return {"sku": sku, "name": f"The {sku}", "unit_price": unit_price, **fields}


async def set_all(session: Session, *products: dict[str, Any], **fields: Any) -> tuple[int, int]:
    """How many were changed, and how many were so already."""
    reply = await session.call("set_products", {"payload": {"products": products, **fields}})
    return reply["changed_count"], reply["unchanged_count"]


async def test_it_is_set_and_listed(api: Database, people: People) -> None:
    admin, member = api.session(people.admin), api.session(people.member)
    assert await set_all(admin, product("b"), product("a", 3), product("a", 400, currency="JPY")) == (3, 0)
    assert await set_all(admin, product("b", 12.5), product("a", "3.00", is_active=False)) == (1, 1)
    assert await set_all(api.session(people.other_admin), product("a", 7)) == (1, 0)

    async def listed(**asked: Any) -> list[tuple[str, str, float, bool]]:
        found: list[tuple[str, str, float, bool]] = []
        cursor = None
        while True:
            payload = {**asked, "page_size": 1, "cursor": cursor}
            page = await member.call("list_products", {"payload": payload})
            found += [(p["sku"], p["currency"], p["unit_price"], p["is_active"]) for p in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                return found

    yen, tea, cup = ("a", "JPY", 400, True), ("a", "USD", 3, False), ("b", "USD", 12.5, True)
    assert await listed() == [yen, tea, cup]
    assert await listed(is_active=True) == [yen, cup]
    assert await listed(currency="USD") == [tea, cup]
    # Bytes that no list gave out are a place in the alphabet like any other.
    for cursor in ("ff00", "7c7c7c", "62"):
        assert len((await member.call("list_products", {"payload": {"cursor": cursor}}))["items"]) in {
            0,
            1,
            3,
        }


async def test_one_wrong_line_and_nothing_is_set(owner: asyncpg.Connection, service: Session) -> None:
    for wrong, field in (
        (product("b", "0"), "unit_price"),
        (product("b", 0), "unit_price"),
        (product("b", "1.234"), "unit_price"),
        (product("b", "1.5", currency="JPY"), "unit_price"),
        (product("b", "NaN"), "unit_price"),
        (product("b", currency="XXX"), "currency"),
        (product("a", 5), "sku"),
        (product("b b"), "sku"),
        ({**product("b"), "name": " "}, "name"),
    ):
        error = await refusal(owner, service, "set_products", {"products": [product("a"), wrong]})
        assert wrong_fields(error) == [f"products[1].{field}"]
    many = {"products": [product(f"p{n}") for n in range(1001)]}
    assert wrong_fields(await refusal(owner, service, "set_products", many)) == ["products"]


async def test_two_lists_at_once_wait_for_each_other(owner: asyncpg.Connection, service: Session) -> None:
    """In either order: none is a deadlock, and the one that came last is what holds."""
    forwards = [product(f"p{n}", 1) for n in range(200)]
    backwards = [product(f"p{n}", 2) for n in reversed(range(200))]
    await asyncio.gather(*(set_all(service, *each) for each in (forwards, backwards) for _ in range(10)))
    assert await owner.fetchval("select count(distinct unit_price) from public.products") == 1


async def test_who_may(owner: asyncpg.Connection, api: Database, people: People) -> None:
    payload = {"products": [product("a")], "tenant_id": str(people.default_tenant)}
    for principal, code in (
        (people.member, "administrator_required"),
        (people.other_admin, "tenant_not_found"),
        (people.customer, "tenant_not_found"),
    ):
        assert (await refusal(owner, api.session(principal), "set_products", payload)).code == code
    for principal in (people.customer, people.other_member):
        asked = {"tenant_id": str(people.default_tenant)}
        assert (
            await refusal(owner, api.session(principal), "list_products", asked)
        ).code == "tenant_not_found"
