from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Page

from tests.console.conftest import EMAIL, PASSWORD, Console, sign_in
from tests.support.browser import browser_page  # noqa: F401 - the fixture
from tests.support.requires import requires

PAGE = "/console/monitoring"
HISTORY = """
    insert into casebase.call_stats
    select g.grain, date_trunc(g.grain, casebase.now()), 'function', f.name, 90, 2, f.failed, 1, f.buckets
    from (values ('minute'), ('hour'), ('day')) as g (grain),
         (values ('get_scenario_case', 8, array[0,0,0,0,0,0,0,0,0,100,0,0,0,0]),
                 ('list_scenario_cases', 0, array[92,0,0,0,0,0,0,0,0,0,0,0,0,0])) as f (name, failed, buckets);
    insert into casebase.pool_stats select g.grain, date_trunc(g.grain, casebase.now()), 10, 7, 31, 2
    from (values ('minute'), ('hour'), ('day')) as g (grain);
    select casebase.sample_tables();
    update casebase.table_samples set bytes = 1e12 where table_name = 'public.tenants';
    insert into casebase.alerts (kind, subject, value) values ('slow_calls', 'get_scenario_case', 1.83)
"""


async def test_before_anything_was_counted_it_says_so(console: Console, member: httpx.AsyncClient) -> None:
    html = (await member.get(PAGE)).text
    for said in (
        "Nothing alerts",
        "No calls in this time",
        "No table was measured yet",
        "No process has told yet",
    ):
        assert said in html
    assert PAGE in (await member.get("/console/")).text


@pytest.mark.parametrize("period", ["1h", "24h", "30d"])
async def test_it_shows_what_was_counted(console: Console, member: httpx.AsyncClient, period: str) -> None:
    await console.owner.execute(HISTORY)
    html = (await member.get(PAGE, params={"period": period})).text.replace("<wbr>", "")
    for said in (
        "Slow calls",
        "1.83\N{NO-BREAK SPACE}s",
        "How long calls took",
        "975\N{NO-BREAK SPACE}ms",  # the p95 of what took between half a second and one
        "8.0\N{NO-BREAK SPACE}%",
        "7 of 10",
        "31 waited, 2 in vain",
        "public.tenants",
        "casebase.job_keys_created_at_idx",
    ):
        assert said in html, said
    assert html.index("get_scenario_case") < html.index("list_scenario_cases")


async def test_all_of_many_open_alerts_are_counted(console: Console, member: httpx.AsyncClient) -> None:
    await console.owner.execute(
        "insert into casebase.alerts (kind, subject, value) select 'failing_calls', 'f' || n, 0.5 from generate_series(1, 120) n"
    )
    html = (await member.get(PAGE)).text
    assert re.search(r"Open alerts.{0,200}\b120\b", html, re.DOTALL)


async def test_an_unknown_period_is_refused(console: Console, member: httpx.AsyncClient) -> None:
    assert (await member.get(PAGE, params={"period": "1y"})).status_code == 400


@pytest.mark.parametrize("role", ["member", "broker"])
async def test_only_owners_and_admins_come_in(console: Console, role: str) -> None:
    await console.create_user()
    await console.owner.execute("update public.tenant_users set role = $1", role)
    async with console.client() as client:
        await sign_in(client)
        assert (await client.get(PAGE)).status_code == 403
        assert PAGE not in (await client.get("/console/")).text


async def test_another_tenants_owner_does_not_see_the_installation(console: Console) -> None:
    await console.create_tenant("other")
    await console.create_user("bo@example.com", "other")
    await console.owner.execute("update public.tenant_users set role = 'owner'")
    async with console.client() as client:
        await sign_in(client, "bo@example.com")
        assert (await client.get(PAGE)).status_code == 403
        home = (await client.get("/console/")).text
        assert PAGE not in home
        assert "/console/webhooks" in home


async def test_without_a_session_it_asks_for_one(console: Console) -> None:
    async with console.client() as client:
        answer = await client.get(PAGE)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/login")


@pytest.fixture
async def shown(console: Console, address: str, browser_page: Page) -> Page:  # noqa: F811
    await console.create_user()
    await console.owner.execute(HISTORY)
    await browser_page.goto(f"{address}{PAGE}")
    await browser_page.fill("[name=email]", EMAIL)
    await browser_page.fill("[name=password]", PASSWORD)
    await browser_page.keyboard.press("Enter")
    await browser_page.wait_for_url(f"**{PAGE}")
    return browser_page


@requires("chromium")
@pytest.mark.parametrize("width", [1440, 390])
async def test_it_fits_its_window_and_changes_the_period(shown: Page, width: int) -> None:
    await shown.set_viewport_size({"width": width, "height": 900})
    await shown.get_by_role("link", name="30 days").click()
    await shown.wait_for_url("**?period=30d")
    assert await shown.locator("nav.tabs [aria-current=page]").inner_text() == "30 days"
    assert await shown.locator(".chart:visible").count() == 2
    assert await shown.evaluate("document.documentElement.scrollWidth") == width
