"""The pages in a browser: by keyboard, at every width, in both schemes, renewing themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.modules.enforcement.imports import import_simplicity
from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH
from tests.enforcement.calls import PLAINTIFF_PHONE, in_days
from tests.enforcement.pages.reading import ROOT
from tests.support.browser import browser_page
from tests.support.requires import requires

__all__ = ["browser_page"]

pytestmark = requires("chromium")


@pytest.fixture
async def staff_page(browser_page: Any, address: str, owner: asyncpg.Connection) -> Any:
    """A page of an operator who has signed in."""
    await owner.execute(
        "select casebase.create_user($1, $2, 'default', 'enforcement_operator')", EMAIL, PASSWORD_HASH
    )
    await browser_page.goto(f"{address}{ROOT}/pipeline")
    await browser_page.fill("input[name=email]", EMAIL)
    await browser_page.fill("input[name=password]", PASSWORD)
    await browser_page.click("button:has-text('Sign in')")
    await browser_page.wait_for_url(f"**{ROOT}/pipeline")
    return browser_page


@pytest.fixture
async def worked_case(
    service: Session, open_case: Any, make_judgment: Any, owner: asyncpg.Connection
) -> dict[str, str]:
    """A case with payments, an action, a subpoena and a call to make."""
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    await owner.execute(
        "insert into enrichment.contacts (tenant_id, plaintiff_id, kind, value, value_key, sources) "
        "values ($1, $2, 'phone', $3, '2125550123', array['test'])",
        judgment.tenant_id, judgment.plaintiff_id, PLAINTIFF_PHONE,
    )  # fmt: skip

    async def call(function: str, **payload: Any) -> Any:
        return await service.call(function, {"payload": {"case_id": case_id, **payload}})

    await call("set_enforcement_stage", stage="bank_levy")
    await call(
        "queue_enforcement_action",
        action_type="bank_levy",
        status="filed",
        status_reason="Filed with the clerk.",
    )
    await call("issue_subpoena", document_path="filings/subpoena.pdf", recipient="First Meridian Bank")
    for amount in (800.5, 1200):
        await call("record_enforcement_payment", amount=amount, source="bank_levy")
    planned = await call("schedule_call", plaintiff_id=str(judgment.plaintiff_id), due_at=in_days(0.1))
    return {"case_id": case_id, "task_id": planned["task_id"]}


async def test_every_page_fits_every_screen(
    staff_page: Any, address: str, worked_case: dict[str, str], tmp_path: Path
) -> None:
    shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
    case = f"/cases/{worked_case['case_id']}"
    paths = ("/pipeline", "/cases", case, f"{case}/event", f"{case}/stage", "/calls", f"/calls/{worked_case['task_id']}",
             "/boards", "/overrides", "/imports", "/audit", "/judgments/new")  # fmt: skip
    for path in paths:
        await staff_page.goto(f"{address}{ROOT}{path}")
        for scheme in ("light", "dark"):
            for width in (1440, 390):
                await staff_page.emulate_media(color_scheme=scheme)
                await staff_page.set_viewport_size({"width": width, "height": 900})
                assert await staff_page.evaluate(
                    "document.documentElement.scrollWidth <= window.innerWidth"
                ), path
                name = path.strip("/").replace("/", "-").replace(worked_case["case_id"], "case")
                shot = (
                    shots / f"enforcement-{name.replace(worked_case['task_id'], 'call')}-{width}-{scheme}.png"
                )
                await staff_page.screenshot(path=shot, full_page=True)
                assert shot.stat().st_size > 10_000


async def test_a_call_is_recorded_by_keyboard(
    staff_page: Any, worked_case: dict[str, str], owner: asyncpg.Connection
) -> None:
    for key in ("g", "3"):
        await staff_page.keyboard.press(key)
    await staff_page.wait_for_url(f"**{ROOT}/calls")
    await staff_page.keyboard.press("j")
    await staff_page.keyboard.press("Enter")
    await staff_page.get_by_text(PLAINTIFF_PHONE).wait_for()
    await staff_page.keyboard.press("2")
    await staff_page.keyboard.press("Enter")
    await staff_page.get_by_text("Recorded: left a voicemail.").wait_for()
    assert await owner.fetchval("select outcome from plaintiff_call_attempts") == "left_voicemail"


async def test_a_tier_is_overridden_over_the_page(
    staff_page: Any, address: str, worked_case: dict[str, str]
) -> None:
    await staff_page.goto(f"{address}{ROOT}/cases/{worked_case['case_id']}")
    await staff_page.locator("#tier").get_by_role("link", name="Override").click()
    dialog = staff_page.locator("#form-dialog")
    await dialog.locator("[name=note]").wait_for()
    await staff_page.keyboard.press("4")
    await dialog.locator("[name=expires_at]").evaluate(
        "(field) => { const day = new Date(Date.now() + 5 * 864e5); field.value = day.toISOString().slice(0, 10); }"
    )
    await dialog.locator("[name=note]").fill("New employer found.")
    await dialog.get_by_role("button", name="Override the tier").click()
    await staff_page.wait_for_url("**#tier")
    assert "Tier 3" in await staff_page.locator("#tier").inner_text()
    assert not await dialog.is_visible()


async def test_a_payment_appears_by_itself(
    staff_page: Any, address: str, worked_case: dict[str, str], service: Session
) -> None:
    await staff_page.goto(f"{address}{ROOT}/cases/{worked_case['case_id']}")
    await staff_page.wait_for_selector("html[data-live-state=ready]")
    payment = {"case_id": worked_case["case_id"], "amount": 321.09, "source": "wire"}
    await service.call("record_enforcement_payment", {"payload": payment})
    await staff_page.locator("#payments").get_by_text("$321.09").first.wait_for()


async def test_an_import_is_seen_as_it_goes(
    staff_page: Any, address: str, service: Session, tmp_path: Path
) -> None:
    await staff_page.goto(f"{address}{ROOT}/imports")
    await staff_page.wait_for_selector("html[data-live-state=ready]")
    export = tmp_path / "march.csv"
    export.write_text(
        "case_number,plaintiff_name,defendant_name,judgment_amount\n"
        "CV-1/24,Harbor Supply LLC,Jordan Quillfeather,1200.50\n"
        "CV-2/24,Harbor Supply LLC,Robin Stone,a lot\n"
    )
    await import_simplicity(service, export)
    await staff_page.get_by_role("link", name="march.csv").click()
    await staff_page.locator("a.stat", has_text="Refused").click()
    await staff_page.wait_for_url("**status=rejected")
    assert await staff_page.locator("tbody tr").count() == 1
    assert "Judgment amount: " in await staff_page.locator("tbody tr").inner_text()
    await staff_page.screenshot(
        path=Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path)) / "enforcement-import.png"
    )
