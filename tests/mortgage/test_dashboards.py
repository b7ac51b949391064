"""The dashboards, as HTML and in a browser: each bar and each figure leads to its cases."""

from __future__ import annotations

import html
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH
from tests.mortgage.leads import CONTACT
from tests.mortgage.test_analysis import story
from tests.mortgage.test_pages import address, app, browser_page, console, read, text_of

__all__ = ["address", "app", "browser_page", "console"]

DASHBOARDS = "/console/mortgage/dashboards"


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


@pytest.fixture
async def busy(owner: asyncpg.Connection, open_case: Any) -> list[str]:
    """Cases of the last three weeks, some revealed to, some ended."""
    ids = []
    for n in range(12):
        case_id = (await open_case())["case_id"]
        ids.append(case_id)
        opened = 20 - 1.5 * n
        events = [("reveal", ago(opened - 1))] if n % 3 else []
        events += [("follow_up", ago(opened - 1.5)), ("bank_quote", ago(opened - 2))] if n % 2 else []
        decision = ("", "reprice", "lost", "refinance", "stay")[n % 5]
        await story(owner, case_id, ago(opened), *events, decision=decision, ended=ago(max(opened - 2.5, 0)))
    await owner.execute(
        "update scenario_cases set net_savings = 2000, recommendation = "
        "(array['stay', 'reprice', 'refinance'])[1 + extract(day from created_at)::int % 3]::scenario_recommendation"
    )
    return ids


async def counted(console: httpx.AsyncClient, path: str) -> int:
    """The number of cases of a list, all pages together."""
    rows = 0
    while path:
        response = await console.get(path)
        assert response.status_code == 200, path
        rows += response.text.count('class="row-link"')
        following = re.search(r'href="([^"]+)" rel="next"', response.text)
        path = html.unescape(following[1]) if following else ""
    return rows


class TestTheDashboards:
    async def test_say_when_nothing_happened(self, console: httpx.AsyncClient) -> None:
        assert "Nothing happened in these days" in await read(console, DASHBOARDS)

    async def test_are_in_the_navigation(self, console: httpx.AsyncClient) -> None:
        page = (await console.get(DASHBOARDS)).text
        assert re.search(rf'<a href="{DASHBOARDS}"[^>]*aria-current="page"', page)

    async def test_show_three_charts_with_their_tables(
        self, console: httpx.AsyncClient, busy: list[str]
    ) -> None:
        response = await console.get(DASHBOARDS)
        assert response.text.count('<figure class="chart"') == 3
        assert response.text.count("<summary>Show the figures</summary>") == 3
        text = text_of(response.text)
        for shown in (
            "New cases",
            "Reveals",
            "Conversions",
            "Advice followed",
            "After a reveal",
            "Refinance",
        ):
            assert shown in text
        for hidden in (*CONTACT.values(), *busy):
            assert hidden not in text
        assert "style=" not in response.text.split("<main", 1)[1]

    @pytest.mark.parametrize("days", ["7", "28", "91", "364", "nonsense", "-1"])
    async def test_draw_any_period(self, console: httpx.AsyncClient, busy: list[str], days: str) -> None:
        assert "Dashboards" in (await console.get(f"{DASHBOARDS}?days={days}")).text

    @pytest.mark.parametrize("days", ["7", "28", "364"])
    async def test_every_figure_leads_to_as_many_cases(
        self, console: httpx.AsyncClient, busy: list[str], days: str
    ) -> None:
        page = (await console.get(f"{DASHBOARDS}?days={days}")).text
        # The third chart's figures are days, so its table of events is what counts cases.
        first, second, third = page.split('<figure class="chart"')[1:]
        linked = [
            (int(count), html.unescape(url))
            for table in (first, second)
            for url, count in re.findall(r'<td class="numeric"><a href="([^"]+)">(\d+)</a>', table)
        ]
        linked += [
            (int(count), html.unescape(url))
            for url, count in re.findall(
                r'<th scope="row"><a href="([^"]+)">[^<]+</a></th><td class="numeric">(\d+)</td>', third
            )
        ]
        assert sum(count > 0 for count, _ in linked) >= 8
        for count, url in linked:
            assert await counted(console, url) == count, url

    async def test_cases_that_were_not_advised_are_led_to_as_well(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        await story(owner, (await open_case())["case_id"], ago(3), decision="lost", ended=ago(1))
        page = html.unescape((await console.get(DASHBOARDS)).text)
        (url,) = set(re.findall(r'"(/console/mortgage/cases\?[^"]*recommendation=none[^"]*)"', page))
        assert await counted(console, url) == 1

    async def test_bars_are_links_too(self, console: httpx.AsyncClient, busy: list[str]) -> None:
        page = (await console.get(DASHBOARDS)).text
        bars = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        drawn = {html.unescape(url) for bar in bars for url in re.findall(r'xlink:href="([^"]+)"', bar)}
        tables = {html.unescape(url) for url in re.findall(r'<td class="numeric"><a href="([^"]+)"', page)}
        assert drawn
        assert drawn <= tables
        assert all('tabindex="-1"' in bar for bar in bars if "xlink:href" in bar)

    async def test_count_no_other_tenants_cases(
        self, console: httpx.AsyncClient, people: Any, open_case: Any
    ) -> None:
        await open_case(changes={"tenant_id": str(people.other_tenant)})
        assert "Nothing happened in these days" in await read(console, DASHBOARDS)


async def test_in_a_browser_a_bar_leads_to_its_cases(
    browser_page: Any, address: str, owner: asyncpg.Connection, busy: list[str], tmp_path: Path
) -> None:
    await owner.execute("select casebase.create_user($1, $2, 'default', 'broker')", EMAIL, PASSWORD_HASH)
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    page = browser_page
    await page.goto(f"{address}{DASHBOARDS}")
    await page.fill("input[name=email]", EMAIL)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button:has-text('Sign in')")
    await page.wait_for_selector("h1:has-text('Dashboards')")
    for name, (width, height) in {"desktop": (1280, 900), "phone": (390, 844)}.items():
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.set_viewport_size({"width": width, "height": height})
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            await page.screenshot(path=shots / f"mortgage-dashboards-{name}-{scheme}.png", full_page=True)
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.locator('svg.wide .series a rect:not([height="0.0"])').first.click()
    await page.wait_for_url("**/console/mortgage/cases?**")
    assert await page.locator("tbody tr").count() > 0
