"""Pages of members in Chromium: they fit phones, every reader can use them, and the link is copied by a button."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.console.conftest import EMAIL, PASSWORD, Console
from tests.support.browser import browser_page  # noqa: F401 - the fixture
from tests.support.requires import program, requires

pytestmark = [requires("chromium"), requires("axe")]

_SCREENS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
async def looked_at(browser_page: Page, tmp_path: Path) -> Any:  # noqa: F811
    """Look at the page as it is: on two screens, in both schemes, with axe's eyes and, if asked, with ours."""
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    axe = Path(program("axe")).read_text(encoding="utf-8")
    # The console's policy lets no foreign script in: the tester's comes by the debugger.
    session = await browser_page.context.new_cdp_session(browser_page)

    async def look(name: str) -> None:
        await session.send("Runtime.evaluate", {"expression": axe})
        for scheme in ("light", "dark"):
            for screen, size in _SCREENS.items():
                await browser_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                await browser_page.set_viewport_size(size)  # type: ignore[arg-type]
                where = f"{name}-{screen}-{scheme}"
                wide = await browser_page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert wide <= 0, where
                await browser_page.screenshot(path=shots / f"{where}.png", full_page=True)
                found = await browser_page.evaluate("axe.run('main', {resultTypes: ['violations']})")
                bad = [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found["violations"]]
                assert not bad, f"{where}: {json.dumps(bad, indent=1)}"

    return look


async def test_from_the_invitation_to_the_removal(
    console: Console,
    address: str,
    browser_page: Page,  # noqa: F811
    looked_at: Any,
) -> None:
    page = browser_page
    await console.create_user()
    await console.owner.execute("update public.tenant_users set role = 'owner'")
    await console.create_tenant("other")
    await console.owner.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) "
        "select t.id, u.id, 'member' from public.tenants t, auth.users u where t.slug = 'other'"
    )
    gone = await console.create_user("margarethe.von-hohenzollern@practice-north.example.com")
    await page.goto(f"{address}/console/members")
    await page.fill("[name=email]", EMAIL)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/members")

    await page.fill("#field-email", "a.new.member.with.a.long.address@example.com")
    await page.get_by_role("button", name="Invite", exact=True).click()
    link = await page.input_value("#link")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy").click()
    await page.get_by_role("button", name="Copied").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == link
    await looked_at("invited")
    await page.get_by_role("link", name="Back to members").click()
    await page.get_by_text("a.new.member.with.a.long.address@example.com").wait_for()
    await looked_at("members")

    await page.goto(f"{address}/console/members/{gone}?tenant=default")
    await looked_at("member")
    await page.get_by_role("link", name="Remove").click()
    await page.locator("#form-dialog").get_by_role("button", name="Remove").click()
    await page.get_by_text("They are out").wait_for()
    assert not await page.get_by_text("hohenzollern").count()

    await page.context.clear_cookies()
    await page.goto(link)
    await looked_at("invitation")
    for name in ("password", "again"):
        await page.fill(f"[name={name}]", "chosen by myself")
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/console/")
