"""Every member finds the calendar, administrators the rest; nobody sees another tenant's desk."""

from __future__ import annotations

import re

import asyncpg
import httpx
import pytest

from tests.enforcement.pages.reading import text_of
from tests.frontdesk.conftest import People
from tests.frontdesk.pages.conftest import ROOT, BusyDay, SignIn
from tests.frontdesk.pages.reading import read, submit

FOR_ALL = ("calendar", "bookings", "products")
FOR_ADMINISTRATORS = ("orders", "scores", "metrics", "phi", "settings")


@pytest.mark.usefixtures("order_id", "scored", "measured", "found", "products")
async def test_pages_are_offered_to_who_may_see_them(
    admin: httpx.AsyncClient, member: httpx.AsyncClient, busy_day: BusyDay
) -> None:
    for page in (*FOR_ALL, *FOR_ADMINISTRATORS):
        text = await read(admin, page)
        assert not re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text), page
        assert "{" not in text, page
    home = (await member.get("/console/")).text
    for page in FOR_ALL:
        assert f'href="{ROOT}/{page}"' in home
        assert (await member.get(f"{ROOT}/{page}")).status_code == 200
    for page in FOR_ADMINISTRATORS:
        assert f'href="{ROOT}/{page}"' not in home
        assert (await member.get(f"{ROOT}/{page}")).status_code == 403, page
    assert "Add slots" not in await read(member, f"calendar?on={busy_day.on}")
    for path in ("settings", "products/set", "slots/add", f"slots/remove?slot_id=one-930&on={busy_day.on}"):
        # Before the form is filled in, not after.
        assert (await member.get(f"{ROOT}/{path}")).status_code == 403, path
        assert (await submit(member, path)).status_code == 403, path
    assert (await admin.get(ROOT)).headers["location"] == f"{ROOT}/calendar"


async def test_another_tenant_is_another_world(
    signed_in: SignIn, people: People, busy_day: BusyDay, order_id: str
) -> None:
    other = await signed_in("admin", "other")
    assert "Nothing on this day" in await read(other, f"calendar?on={busy_day.on}")
    for page in (
        f"bookings/{busy_day.confirmed}",
        f"bookings/{busy_day.confirmed}/cancel",
        f"orders/{order_id}",
        f"slots/one?slot_id=one-9&on={busy_day.on}",
        f"calendar?tenant={people.default_tenant}",
    ):
        assert (await other.get(f"{ROOT}/{page}")).status_code == 404, page
    assert (await submit(other, f"bookings/{busy_day.confirmed}/cancel")).status_code == 404
    assert (await submit(other, f"orders/{order_id}/failed")).status_code == 404


async def test_who_belongs_to_several_chooses(
    signed_in: SignIn, people: People, owner: asyncpg.Connection, busy_day: BusyDay
) -> None:
    admin = await signed_in("admin")
    await owner.execute(
        "insert into tenant_users (tenant_id, user_id, role) "
        "select $1, id, 'member' from auth.users where email = 'admin.default@example.com'",
        people.other_tenant,
    )
    page = await admin.get(f"{ROOT}/calendar?on={busy_day.on}")
    assert "Grace Hopper" in page.text  # where they decide comes first
    assert f'<option value="{people.other_tenant}">' in page.text
    there = (await admin.get(f"{ROOT}/calendar?tenant={people.other_tenant}&on={busy_day.on}")).text
    assert "Nothing on this day" in text_of(there)
    assert "Add slots" not in there
    assert f"{ROOT}/bookings?tenant={people.other_tenant}" in there
    assert (await admin.get(f"{ROOT}/orders?tenant={people.other_tenant}")).status_code == 403
