"""A customer reads their orders, by account or by the address they confirmed; administrators their tenant's; nobody else any.

Asked of the call, of the list and of the table itself, as whoever reads it through PostgREST or supabase-js.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Principal, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import People

ITEMS = [{"name": "Tea", "quantity": 2, "unit_price": "1.25"}]


async def confirm(
    owner: asyncpg.Connection, principal: Principal, email: str, *, claimed: str | None = None
) -> Principal:
    """Give an account an address that was confirmed; return it with the claim that its tokens then have."""
    await owner.execute(
        "update auth.users set email = $2, email_confirmed_at = now() where id = $1", principal.sub, email
    )
    return replace(principal, email=claimed or email)


async def reads(
    owner: asyncpg.Connection, api: Database, principal: Principal, order_id: str
) -> tuple[bool, bool, bool]:
    """Whether somebody gets an order by its id, finds it among their own, and selects it from the table."""
    session = api.session(principal)
    gets = await _unless_refused(session, "get_order", order_id=order_id) is not None
    mine = await _unless_refused(session, "list_my_orders")
    async with owner.transaction():
        await owner.execute("select set_config('request.jwt.claims', $1, true)", principal.claims_json)
        await owner.execute(f"set local role {principal.role}")
        try:
            async with owner.transaction():
                selected = await owner.fetchval(
                    "select count(*) from public.orders where order_id = $1", order_id
                )
        except asyncpg.InsufficientPrivilegeError:
            selected = 0
        await owner.execute("set local role none")
    return gets, order_id in str(mine), selected == 1


async def _unless_refused(session: Session, function: str, **arguments: Any) -> Any:
    try:
        return await session.call(function, arguments)
    except RpcError:
        return None


async def test_by_account_and_by_address(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    async def create(**fields: Any) -> str:
        reply = await service.call("create_order", {"payload": {"items": ITEMS, **fields}})
        return str(reply["order_id"])

    by_account = await create(user_id=str(people.customer.sub))
    by_address = await create(customer_email="Ada@Example.com")
    nobodys = await create()
    ada = await confirm(owner, people.customer, "ada@example.com")
    eve = await confirm(owner, people.other_customer, "eve@example.com")
    everything, nothing = (True, True, True), (False, False, False)
    for order_id in (by_account, by_address):
        assert await reads(owner, api, ada, order_id) == everything
        assert await reads(owner, api, replace(ada, email="ADA@example.com"), order_id) == everything
    # An administrator reads them all, and none is theirs; the service too.
    for order_id in (by_account, by_address, nobodys):
        for principal in (people.owner, people.admin, SERVICE):
            assert await reads(owner, api, principal, order_id) == (True, False, True)
        for principal in (eve, people.member, people.other_admin, people.other_member, ANON):
            assert await reads(owner, api, principal, order_id) == nothing

    # An account reads its own whatever its address; an address that is only claimed reads nothing.
    assert await reads(owner, api, people.customer, by_account) == everything
    unproven = replace(people.customer, claims={"email": "ada@example.com", "email_verified": False})
    in_metadata = replace(
        people.customer, claims={"email": "ada@example.com", "user_metadata": {"email_verified": False}}
    )
    pretended = await confirm(owner, people.other_customer, "eve@example.com", claimed="ada@example.com")
    for liar in (unproven, in_metadata, pretended):
        assert await reads(owner, api, liar, by_address) == nothing
    # Of an account that is not here, or is gone, its issuer says so; what people write of themselves says nothing.
    elsewhere = replace(ada, sub=uuid4())
    itself = {"user_metadata": {"email_verified": True}}
    assert (
        await reads(owner, api, replace(elsewhere, claims={"email_verified": True}), by_address) == everything
    )
    for liar in (
        elsewhere,
        replace(elsewhere, claims=itself),
        replace(elsewhere, claims={"email_verified": "true"}),
        replace(ada, sub=None),
        replace(ada, sub=None, claims={"email_verified": True}),
    ):
        assert await reads(owner, api, liar, by_address) == nothing
    await owner.execute("update auth.users set email_confirmed_at = null where id = $1", ada.sub)
    assert await reads(owner, api, ada, by_address) == nothing
    assert await reads(owner, api, ada, by_account) == everything


async def test_what_it_tells(service: Session, people: People) -> None:
    payload = {
        "items": ITEMS, "customer_email": "ada@example.com", "user_id": str(people.customer.sub), "checkout_id": "cart-7",
        "payment_method": "card", "shipping_address": {"name": "Ada Byron"},
    }  # fmt: skip
    made = await service.call("create_order", {"payload": payload})
    found = await service.call("get_order", {"order_id": made["order_id"]})
    assert made.pop("is_repeated") is False
    known = ("customer_email", "user_id", "checkout_id", "shipping_address")
    assert found == made | {name: payload[name] for name in known}


async def test_an_account_that_goes_leaves_its_orders_behind(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    payload = {"items": ITEMS, "user_id": str(people.customer.sub)}
    order_id = (await service.call("create_order", {"payload": payload}))["order_id"]
    await owner.execute("delete from auth.users where id = $1", people.customer.sub)
    assert (await service.call("get_order", {"order_id": order_id}))["user_id"] is None


@pytest.mark.parametrize("order_id", ["", "ord_1", "' or true --", "ord_" + "Z" * 26])
async def test_what_is_no_order_is_not_found(service: Session, order_id: str) -> None:
    with pytest.raises(RpcError, match="order_not_found"):
        await service.call("get_order", {"order_id": order_id})
