"""The desk's pages in a browser: on every screen, in both schemes, for every reader, and renewing themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH
from tests.frontdesk.conftest import Book, MakeSlot
from tests.frontdesk.pages.conftest import ROOT, BusyDay
from tests.support.browser import browser_page
from tests.support.looking import Look, looked_at
from tests.support.requires import requires

__all__ = ["browser_page", "looked_at"]

pytestmark = [requires("chromium"), requires("axe")]


@pytest.fixture
async def staff_page(browser_page: Page, address: str, owner: asyncpg.Connection) -> Page:
    """A page of an administrator who has signed in."""
    await owner.execute("select casebase.create_user($1, $2, 'default', 'admin')", EMAIL, PASSWORD_HASH)
    await browser_page.goto(f"{address}{ROOT}/calendar")
    await browser_page.fill("input[name=email]", EMAIL)
    await browser_page.fill("input[name=password]", PASSWORD)
    await browser_page.click("button:has-text('Sign in')")
    await browser_page.wait_for_url(f"**{ROOT}/calendar")
    return browser_page


@pytest.mark.usefixtures("scored", "measured", "found", "products")
async def test_every_page_is_for_every_screen_and_reader(
    staff_page: Page, address: str, looked_at: Look, busy_day: BusyDay, order_id: str
) -> None:
    for name, path in (
        ("day", f"calendar?on={busy_day.on}"),
        ("week", f"calendar?view=week&on={busy_day.on}"),
        ("empty-day", "calendar?on=2198-01-01"),
        ("bookings", "bookings"),
        ("booking", f"bookings/{busy_day.held}"),
        ("cancel", f"bookings/{busy_day.held}/cancel"),
        ("reschedule", f"bookings/{busy_day.held}/reschedule?on={busy_day.on}"),
        ("slot", f"slots/one?slot_id=course&on={busy_day.on}"),
        ("add-slots", "slots/add"),
        ("orders", "orders"),
        ("order", f"orders/{order_id}"),
        ("settle", f"orders/{order_id}/completed"),
        ("products", "products"),
        ("product", "products/set"),
        ("scores", "scores"),
        ("score", "scores/one?session_id=good-chat"),
        ("metrics", "metrics"),
        ("phi", "phi"),
        ("settings", "settings"),
    ):
        await staff_page.goto(f"{address}{ROOT}/{path}")
        await looked_at(f"frontdesk-{name}")


async def test_a_week_of_many_lanes_scrolls_in_its_box_and_shows_names_whole(
    staff_page: Page, address: str, looked_at: Look, make_slot: MakeSlot, book: Book
) -> None:
    monday = datetime(2198, 6, 4, 9, tzinfo=UTC)
    names = ("Margarethe Hohenzollern", "Grace Hopper", "Radia Perlman")
    for day in range(5):
        for lane, name in enumerate(names):
            slot_id, starts_at = f"{day}-{lane}", monday + timedelta(days=day)
            await make_slot(slot_id, resource=f"Chair {lane}", starts_at=starts_at)
            await book(slot_id, is_confirmed=True, user_name=name)
    await staff_page.goto(f"{address}{ROOT}/calendar?view=week&on={monday.date()}")
    await looked_at("frontdesk-week-of-many")
    titles = staff_page.locator(".calendar tbody .slot-title")
    await expect(titles).to_have_count(15)
    cut = "titles => titles.filter(t => t.scrollWidth > t.clientWidth).map(t => t.textContent)"
    assert await titles.evaluate_all(cut) == []
    wrap = staff_page.locator(".calendar-wrap")
    assert await wrap.evaluate("box => box.scrollWidth > box.clientWidth")


async def test_a_slot_is_booked_over_the_calendar(
    staff_page: Page, address: str, looked_at: Look, busy_day: BusyDay
) -> None:
    await staff_page.goto(f"{address}{ROOT}/calendar?on={busy_day.on}")
    await staff_page.locator(".calendar .slot-free").first.click()
    dialog = staff_page.locator("#form-dialog")
    await expect(dialog.locator("[name=user_name]")).to_be_focused()
    await staff_page.keyboard.type("Ada Byron")
    await dialog.locator("[name=user_email]").fill("ada@example.com")
    await looked_at("frontdesk-book")
    await dialog.get_by_role("button", name="Book").click()
    await staff_page.get_by_text("Booked.").wait_for()
    await staff_page.locator(".calendar .slot-confirmed").get_by_text("Ada Byron").wait_for()


async def test_opening_hours_are_seen_before_they_are_added(
    staff_page: Page, address: str, looked_at: Look
) -> None:
    await staff_page.goto(f"{address}{ROOT}/slots/add?on=2198-06-04")
    await staff_page.fill("[name=resources]", "Chair 1, Chair 2")
    await staff_page.get_by_role("button", name="Look at them").click()
    await staff_page.get_by_role("heading", name="Add these slots?").wait_for()
    await looked_at("frontdesk-preview")
    await staff_page.get_by_role("button", name="Add 140 slots").click()
    await staff_page.get_by_role("link", name="Show the week").click()
    await expect(staff_page.locator(".calendar .slot-free")).to_have_count(140)

    await staff_page.goto(f"{address}{ROOT}/slots/add?on=2198-06-04")
    await staff_page.fill("[name=resources]", "Chair 2, Chair 3")
    await staff_page.get_by_role("button", name="Look at them").click()
    await staff_page.get_by_role("heading", name="There already").wait_for()
    await looked_at("frontdesk-preview-known")
    await staff_page.get_by_role("button", name="Add 70 slots").wait_for()


async def test_the_calendar_renews_itself(
    staff_page: Page, address: str, busy_day: BusyDay, book: Book
) -> None:
    await staff_page.clock.install()
    await staff_page.goto(f"{address}{ROOT}/calendar?on={busy_day.on}")
    await expect(staff_page.locator(".calendar .slot-free")).to_have_count(1)
    await book("one-930", is_confirmed=True, user_name="Ada Byron")
    await staff_page.clock.run_for(20_000)
    await staff_page.locator(".calendar").get_by_text("Ada Byron").wait_for()
    await expect(staff_page.locator(".calendar .slot-free")).to_have_count(0)
