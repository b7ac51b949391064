"""The pages in a browser: at every width, in both schemes, and renewing themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH
from tests.notifications.pages.conftest import ROOT
from tests.support.browser import browser_page
from tests.support.requires import requires

__all__ = ["browser_page"]

pytestmark = requires("chromium")


@pytest.fixture
async def staff_page(browser_page: Any, address: str, owner: asyncpg.Connection) -> Any:
    """A page of an administrator who has signed in."""
    await owner.execute("select casebase.create_user($1, $2, 'default', 'admin')", EMAIL, PASSWORD_HASH)
    await browser_page.goto(f"{address}{ROOT}/overview")
    await browser_page.fill("input[name=email]", EMAIL)
    await browser_page.fill("input[name=password]", PASSWORD)
    await browser_page.click("button:has-text('Sign in')")
    await browser_page.wait_for_url(f"**{ROOT}/overview")
    return browser_page


async def test_every_page_fits_every_screen(
    staff_page: Any, address: str, told: list[UUID], tmp_path: Path
) -> None:
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    paths = (
        "overview",
        "due",
        "sent",
        "failed",
        "runs",
        "rules",
        "rules/milestone",
        "rules/hours",
        f"people/{told[1]}",
    )
    for path in paths:
        await staff_page.goto(f"{address}{ROOT}/{path}")
        for scheme in ("light", "dark"):
            for width in (1440, 390):
                await staff_page.emulate_media(color_scheme=scheme)
                await staff_page.set_viewport_size({"width": width, "height": 900})
                assert await staff_page.evaluate(
                    "document.documentElement.scrollWidth <= window.innerWidth"
                ), path
                name = path.replace(str(told[1]), "one").replace("/", "-")
                shot = shots / f"notifications-{name}-{width}-{scheme}.png"
                await staff_page.screenshot(path=shot, full_page=True)
                assert shot.stat().st_size > 10_000


async def test_a_rule_is_changed_over_the_page(staff_page: Any, address: str) -> None:
    await staff_page.goto(f"{address}{ROOT}/rules")
    await staff_page.locator("#inactivity").get_by_role("link", name="Change").click()
    dialog = staff_page.locator("#form-dialog")
    await dialog.locator("[name=threshold]").fill("14")
    await dialog.get_by_role("button", name="Save").click()
    await staff_page.get_by_text("Saved. It holds from the next run.").wait_for()
    assert "14" in await staff_page.locator("#inactivity").inner_text()


async def test_failed_ones_are_chosen_and_sent_again(staff_page: Any, address: str, told: list[UUID]) -> None:
    await staff_page.goto(f"{address}{ROOT}/failed")
    await staff_page.locator("[data-select-all]").check()
    await staff_page.get_by_role("button", name="Send again").click()
    await staff_page.get_by_text("2 notifications, to the devices").wait_for()
    await staff_page.get_by_role("button", name="Send again").click()
    await staff_page.get_by_text("2 are sent again.").wait_for()
    await staff_page.get_by_text("Nothing failed").wait_for()


async def test_a_run_appears_by_itself(staff_page: Any, address: str, service: Session) -> None:
    await staff_page.goto(f"{address}{ROOT}/runs")
    await staff_page.wait_for_selector("html[data-live-state=ready]")
    await staff_page.get_by_text("Nothing was evaluated yet").wait_for()
    await service.call("evaluate_scenarios", {"payload": {"scenario_types": ["milestone"]}})
    await staff_page.locator("#runs").get_by_text("Finished").wait_for()
