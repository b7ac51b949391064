"""Administrators read what scans found in their tenant, page by page, and how much it was."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import People


@pytest.fixture
async def found(owner: asyncpg.Connection, people: People) -> None:
    await owner.execute(
        "insert into public.phi_detection_events "
        "(tenant_id, phi_type, masked_value, action_taken, session_id, created_at) "
        "select case when n % 10 = 0 then $2::uuid else $1 end, t, '[' || t || ']', "
        "case when n % 2 = 0 then 'masked' else 'blocked' end, 'chat-' || n % 3, '2026-06-01Z'::timestamptz + n * interval '1 hour' "
        "from generate_series(0, 59) n, lateral (select (array['name', 'ssn', 'email'])[n % 3 + 1] as t) x",
        people.default_tenant,
        people.other_tenant,
    )


async def pages(session: Session, **filters: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await session.call(
            "list_phi_events", {"payload": {"page_size": 7, "cursor": cursor, **filters}}
        )
        items += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return items


@pytest.mark.usefixtures("found")
async def test_administrators_read_page_by_page(api: Database, people: People) -> None:
    session = api.session(people.admin)
    items = await pages(session)
    assert len(items) == 54
    assert len({item["event_id"] for item in items}) == 54
    assert [item["created_at"] for item in items] == sorted((i["created_at"] for i in items), reverse=True)
    assert {item["tenant_id"] for item in items} == {str(people.default_tenant)}
    chosen = await pages(
        session,
        phi_type="ssn",
        action_taken="blocked",
        session_id="chat-1",
        **{"from": "2026-06-02T00:00:00Z"},
    )
    assert chosen
    assert all(
        (i["phi_type"], i["action_taken"], i["session_id"]) == ("ssn", "blocked", "chat-1") for i in chosen
    )
    assert len(await pages(api.session(people.other_admin))) == 6


@pytest.mark.usefixtures("found")
async def test_administrators_count_by_type_and_day(api: Database, people: People) -> None:
    period = {"payload": {"from": "2026-06-01T00:00:00Z", "until": "2026-06-03T00:00:00Z"}}
    counts = await api.session(people.owner).call("get_phi_counts", period)
    assert counts["count"] == 43
    assert counts["days"] == [{"day": "2026-06-01", "count": 21}, {"day": "2026-06-02", "count": 22}]
    assert sum(of["count"] for of in counts["types"]) == 43
    assert counts["types"] == sorted(
        counts["types"], key=lambda t: (-t["count"], t["phi_type"], t["action_taken"])
    )
    reverse = {"payload": {"from": "2026-06-01T00:00:00Z", "until": "2026-06-01T00:00:00Z"}}
    with pytest.raises(RpcError) as caught:
        await api.session(people.owner).call("get_phi_counts", reverse)
    assert caught.value.code == "invalid_input"


@pytest.mark.parametrize("function", ["list_phi_events", "get_phi_counts"])
@pytest.mark.usefixtures("found")
async def test_nobody_else_reads(api: Database, people: People, function: str) -> None:
    payload = {"from": "2026-06-01T00:00:00Z", "until": "2026-07-01T00:00:00Z"}
    for who, code in ((people.member, "administrator_required"), (people.customer, "tenant_not_found")):
        with pytest.raises(RpcError) as caught:
            await api.session(who).call(function, {"payload": payload})
        assert caught.value.code == code
    theirs = {**payload, "tenant_id": str(people.default_tenant)}
    with pytest.raises(RpcError) as caught:
        await api.session(people.other_admin).call(function, {"payload": theirs})
    assert caught.value.code == "tenant_not_found"


async def test_names_are_listed_once_each_and_in_order_for_the_service_only(
    owner: asyncpg.Connection, people: People, service: Session, api: Database
) -> None:
    await owner.execute(
        "insert into public.bookings (tenant_id, slot_id, user_name, user_email, status) "
        "select $1, 's' || n, 'Name ' || n % 25, 'a@b.example', 'confirmed' from generate_series(1, 60) n",
        people.default_tenant,
    )
    await owner.execute(
        "insert into public.orders (order_id, tenant_id, items, total, shipping_address) "
        "select frontdesk.new_order_id(now()), $1, "
        '\'[{"name": "Tea", "quantity": 1, "unit_price": 5, "amount": 5}]\', 5, '
        "jsonb_build_object('name', 'Name ' || n) from generate_series(20, 30) n",
        people.default_tenant,
    )
    listed: list[str] = []
    booked: list[str] = []
    after: str | None = None
    while True:
        page = await service.call(
            "list_customer_names", {"tenant_id": people.default_tenant, "after": after, "page_size": 10}
        )
        listed += page["names"]
        booked += page["booked_names"]
        if (after := page["next_after"]) is None:
            break
    assert sorted(listed) == sorted({f"Name {n}" for n in range(31)})
    assert len(listed) == 31
    assert booked == sorted({f"Name {n}" for n in range(25)})
    nobody = {"tenant_id": people.other_tenant}
    assert await service.call("list_customer_names", nobody) == {
        "names": [],
        "booked_names": [],
        "next_after": None,
    }
    with pytest.raises(RpcError):
        await api.session(people.owner).call("list_customer_names", nobody)
