"""Pages of members in Chromium: they fit phones, every reader can use them, and the link is copied by a button."""

from __future__ import annotations

from playwright.async_api import Page

from tests.console.conftest import EMAIL, PASSWORD, Console
from tests.support.browser import browser_page
from tests.support.looking import Look, looked_at
from tests.support.requires import requires

__all__ = ["browser_page", "looked_at"]

pytestmark = [requires("chromium"), requires("axe")]


async def test_from_the_invitation_to_the_removal(
    console: Console,
    address: str,
    browser_page: Page,
    looked_at: Look,
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
    await looked_at("members-invited")
    await page.get_by_role("link", name="Back to members").click()
    await page.get_by_text("a.new.member.with.a.long.address@example.com").wait_for()
    await looked_at("members")

    await page.goto(f"{address}/console/members/{gone}?tenant=default")
    await looked_at("members-member")
    await page.get_by_role("link", name="Remove").click()
    await page.locator("#form-dialog").get_by_role("button", name="Remove").click()
    await page.get_by_text("They are out").wait_for()
    assert not await page.get_by_text("hohenzollern").count()

    await page.context.clear_cookies()
    await page.goto(link)
    await looked_at("members-invitation")
    for name in ("password", "again"):
        await page.fill(f"[name={name}]", "chosen by myself")
    await page.get_by_role("button", name="Join").click()
    await page.wait_for_url("**/console/")
