"""The console's pages of practice in a browser: at every width, in both schemes."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from playwright.async_api import Page

from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH
from tests.practice.pages.conftest import ROOT, Happened
from tests.support.browser import browser_page
from tests.support.requires import requires

__all__ = ["browser_page"]

pytestmark = requires("chromium")


@pytest.fixture
async def staff_page(browser_page: Page, address: str, owner: asyncpg.Connection) -> Page:
    """A page of an administrator who has signed in."""
    await owner.execute("select casebase.create_user($1, $2, 'default', 'admin')", EMAIL, PASSWORD_HASH)
    await browser_page.goto(f"{address}{ROOT}/overview")
    await browser_page.fill("input[name=email]", EMAIL)
    await browser_page.fill("input[name=password]", PASSWORD)
    await browser_page.click("button:has-text('Sign in')")
    await browser_page.wait_for_url(f"**{ROOT}/overview")
    return browser_page


@pytest.fixture
async def busy_week(happened: Happened) -> None:
    """A week in which people practised, the model faltered and cleanups ran."""
    chance = random.Random(7)
    for hour in range(0, 24 * 7, 3):
        ago = timedelta(hours=hour, minutes=chance.randrange(60))
        key = f"{chance.randrange(16**6):06x}" * 4
        for _ in range(chance.randrange(5)):
            await happened("session_created", ago=ago, user_key=key, scenario_id=chance.randrange(1, 4))
            await happened("scenario_started", ago=ago, user_key=key, scenario_id=chance.randrange(1, 4))
            await happened(
                "rate_limit_checked", "warn", ago=ago, user_key=key, completed_this_week=1, limit=3
            )
            duration = chance.randrange(900, 4000)
            await happened(
                "api_call_completed",
                ago=ago,
                user_key=key,
                chat_type="main",
                attempts=1,
                chunks=duration // 150,
                characters=duration // 9,
                duration_ms=duration,
                first_chunk_ms=duration // 8,
            )
        if chance.random() < 0.6:
            await happened(
                "scenario_completed", ago=ago, user_key=key, message_count_main=18, message_count_helper=6
            )
        if chance.random() < 0.2:
            await happened("scenario_abandoned", ago=ago, user_key=key, message_count_main=4)
            await happened(
                "rate_limit_exceeded",
                "warn",
                ago=ago,
                user_key=key,
                reason="weekly_limit_reached",
                status=429,
            )
        if chance.random() < 0.15:
            await happened("api_retry_attempted", "warn", ago=ago, attempt=1, retry_in_ms=500, status=503)
            await happened("api_call_timeout", "error", ago=ago, attempts=3, duration_ms=60_000)
        await happened("cleanup_job_executed", "debug", ago=ago, job="delete_old_logs", count=0)
    await happened(
        "database_error", "error", reason="database_unavailable", status=503, function="start_session"
    )


async def _fits(page: Page, path: str, shots: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        for width in (1440, 390):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            await page.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.mark.usefixtures("busy_week")
async def test_every_page_fits_every_screen(staff_page: Page, address: str, tmp_path: Path) -> None:
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    for path in ("overview", "log", "log?period=day&level=error"):
        await staff_page.goto(f"{address}{ROOT}/{path}")
        await _fits(staff_page, path, shots, path.partition("?")[0] + ("-errors" if "?" in path else ""))


async def test_an_empty_log_fits_too(
    staff_page: Page, address: str, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    await owner.execute("delete from public.logs")
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    for path in ("overview", "log"):
        await staff_page.goto(f"{address}{ROOT}/{path}")
        await _fits(staff_page, path, shots, f"{path}-empty")


async def test_a_level_is_a_click_away(staff_page: Page, address: str, happened: Happened) -> None:
    await happened("database_error", "error", reason="database_unavailable")
    await happened("user_logout", reason="signed_out")
    await staff_page.goto(f"{address}{ROOT}/log?period=month")

    await staff_page.click("a.stat:has-text('Errors')")

    await staff_page.wait_for_url("**level=error**")
    rows = staff_page.locator("#events tbody tr")
    assert await rows.count() == 1
    assert "period=month" in staff_page.url
