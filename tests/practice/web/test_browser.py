"""The web client in a browser: on every screen, read aloud, by keyboard, with answers as they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from playwright.async_api import Page, expect

from casebase.kernel.db import Principal
from tests.practice.conftest import MakeSession
from tests.practice.web.conftest import EMAIL, PASSWORD
from tests.support.requires import program, requires

pytestmark = [requires("chromium"), requires("axe")]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
LOUD = ("serious", "critical")


@pytest.fixture
async def page(browser_page: Page, address: str, learner: UUID) -> Page:
    """A page of the learner, who has signed in."""
    await browser_page.set_viewport_size(DESK)
    await browser_page.goto(f"{address}/practice/sign-in")
    await browser_page.fill("[name=email]", EMAIL)
    await browser_page.fill("[name=password]", PASSWORD)
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url("**/practice/")
    return browser_page


@pytest.fixture
async def looked_at(browser_page: Page, tmp_path: Path) -> Any:
    """Look at the page as it is: on two screens, in both schemes, with axe's eyes and, if asked, with ours."""
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    axe = Path(program("axe")).read_text(encoding="utf-8")
    # The policy of the site lets no foreign script in: the tester's comes by the debugger.
    session = await browser_page.context.new_cdp_session(browser_page)

    async def look(name: str) -> None:
        await session.send("Runtime.evaluate", {"expression": axe})
        for scheme in ("light", "dark"):
            for screen, size in (("desk", DESK), ("phone", PHONE)):
                await browser_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                await browser_page.set_viewport_size(size)  # type: ignore[arg-type]
                where = f"{name} {screen} {scheme}"
                width = await browser_page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert width <= 0, where
                await browser_page.screenshot(path=shots / f"{where.replace(' ', '-')}.png", full_page=True)
                found = await browser_page.evaluate("axe.run(document, {resultTypes: ['violations']})")
                bad = [
                    (v["id"], [n["html"][:200] for n in v["nodes"]])
                    for v in found["violations"]
                    if v["impact"] in LOUD
                ]
                assert not bad, f"{where}: {json.dumps(bad, indent=1)}"
        await browser_page.set_viewport_size(DESK)  # type: ignore[arg-type]

    return look


async def start(page: Page, title: str = "Marketplace") -> None:
    await page.get_by_role("button", name=f"Start {title}").click()
    await page.wait_for_url("**/practice/sessions/*")


async def say(page: Page, words: str, chat: str = "main") -> None:
    await page.fill(f"#{chat}-content", words)
    await page.press(f"#{chat}-content", "Enter")


async def answered(page: Page) -> None:
    """Wait until nobody writes any more."""
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)


async def test_the_way_in_fits_every_screen_and_reader(
    browser_page: Page, address: str, looked_at: Any
) -> None:
    await browser_page.goto(f"{address}/practice/sign-in")
    await looked_at("sign-in")


async def test_pages_fit_every_screen_and_reader(
    page: Page, address: str, looked_at: Any, learner: UUID, make_session: MakeSession
) -> None:
    await looked_at("home")
    await start(page)
    await looked_at("session-new")
    await say(page, "Guten Tag! Ich hätte gern ein Kilo Äpfel und fünf Tomaten. Was kostet das?")
    await page.locator(".chat-main .message:nth-child(3)").wait_for()
    await say(page, "What does 'hätte gern' mean?", "helper")
    await page.locator(".chat-helper .message:nth-child(3)").wait_for()
    await answered(page)
    await looked_at("session")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await page.get_by_role("link", name="Helper").click()
    await looked_at("session-helper")
    for name in ("Abandon", "Finish"):
        await page.get_by_role("link", name=name).click()
        await looked_at(name.lower())
        await page.get_by_role("link", name="Go on talking").click()
    await page.goto(f"{address}/practice/")
    await looked_at("home-open")
    await page.get_by_role("link", name="Carry on").click()
    await page.get_by_role("link", name="Finish").click()
    await page.get_by_role("button", name="Finish it").click()
    await page.wait_for_url("**?done=1")
    await looked_at("done")
    for scenario in (2, 3):
        person = Principal("authenticated", sub=learner)
        await make_session(person, main=21, helper=6, scenario_id=scenario, is_completed=True)
    await page.goto(f"{address}/practice/")
    await looked_at("home-spent")
    for name in ("history", "account", "account/delete"):
        await page.goto(f"{address}/practice/{name}")
        await looked_at(name.replace("/", "-"))


async def test_nothing_yet(page: Page, address: str, looked_at: Any) -> None:
    await page.goto(f"{address}/practice/history")
    await looked_at("history-empty")
