"""The console's pages of cases, as HTML and in a browser."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from casebase.app import build_http
from casebase.kernel.db import Session
from casebase.kernel.payloads import jsonable
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.demo import LEADS
from casebase.modules.mortgage.models import LeadForm
from casebase.modules.mortgage.models.case import reference_of
from tests.console.conftest import EMAIL, PASSWORD, PASSWORD_HASH, form_token, sign_in
from tests.mortgage.leads import BANK, CONTACT, RATE
from tests.support.browser import browser_page
from tests.support.rows import all_rows

__all__ = ["browser_page"]

CASES = "/console/mortgage/cases"


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return build_http(runtime)


@pytest.fixture
async def console(app: FastAPI, owner: asyncpg.Connection) -> AsyncIterator[httpx.AsyncClient]:
    """A broker of the default tenant, signed in."""
    await owner.execute("select casebase.create_user($1, $2, 'default', 'broker')", EMAIL, PASSWORD_HASH)
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 4000), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
        assert (await sign_in(client)).status_code == 303
        yield client


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where a browser finds the application."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    app.state.live.close()
    server.should_exit = True
    await serving


def text_of(html: str) -> str:
    """What a person reads: no tags, no attributes."""
    body = html.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


async def read(console: httpx.AsyncClient, path: str) -> str:
    response = await console.get(path)
    assert response.status_code == 200, response.text
    return text_of(response.text)


class TestTheList:
    async def test_says_when_there_is_nothing(self, console: httpx.AsyncClient) -> None:
        assert "No cases yet" in await read(console, CASES)

    async def test_shows_a_case_masked(
        self, console: httpx.AsyncClient, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case()
        assert "Being advised" in await read(console, CASES)
        await advise_case(opened)
        text = await read(console, CASES)
        for shown in (reference_of(opened["case_id"]), "TWLR", "S$750,000", "Private condo", "Draft"):
            assert shown in text
        for hidden in (*CONTACT.values(), BANK, str(RATE), opened["case_id"]):
            assert hidden not in text

    async def test_filters_and_searches(self, console: httpx.AsyncClient, open_case: Any) -> None:
        await open_case()
        await open_case(changes={"contact.name": "Goh Mei Hua"})
        text = await read(console, f"{CASES}?search=gmh")
        assert "GMH" in text
        assert "TWLR" not in text
        assert "Nothing matches" in await read(console, f"{CASES}?status=closed")
        assert "Nothing matches" in await read(console, f"{CASES}?recommendation=refinance")

    async def test_goes_on_from_page_to_page(self, console: httpx.AsyncClient, open_case: Any) -> None:
        for _ in range(27):
            await open_case()
        seen: list[str] = []
        path: str | None = f"{CASES}?sort=created_at"
        while path:
            html = (await console.get(path)).text
            seen += re.findall(r'class="row-link" href="([^"]+)"', html)
            following = re.search(r'href="([^"]+)" rel="next"', html)
            path = following[1].replace("&amp;", "&") if following else None
        assert len(seen) == len(set(seen)) == 27

    async def test_hides_other_tenants(self, console: httpx.AsyncClient, open_case: Any, people: Any) -> None:
        opened = await open_case(changes={"tenant_id": str(people.other_tenant)})
        assert "No cases yet" in await read(console, CASES)
        assert (await console.get(f"{CASES}/{opened['case_id']}")).status_code == 404


class TestACase:
    async def test_before_its_advice_says_so(self, console: httpx.AsyncClient, open_case: Any) -> None:
        opened = await open_case()
        text = await read(console, f"{CASES}/{opened['case_id']}")
        assert "The advice is being computed" in text
        assert "Lead form" in text

    async def test_shows_summary_paths_chart_timeline_and_inputs(
        self, console: httpx.AsyncClient, open_case: Any, advise_case: Any, owner: asyncpg.Connection
    ) -> None:
        opened = await open_case()
        await advise_case(opened)
        path = f"{CASES}/{opened['case_id']}"
        text = await read(console, path)
        for shown in ("Stay", "Reprice", "Refinance", "Advised", "Break-even", "Hassle", "TDSR"):
            assert shown in text
        for shown in (
            "Advice computed",
            "Lead form",
            "Private condo",
            "25 years",
            "4 months",
            "Bank E",
        ):
            assert shown in text
        savings = await owner.fetchval("select net_savings from scenario_cases")
        assert f"S${savings:,.0f}" in text
        assert (await console.get(path)).text.count('<figure class="chart"') == 1

    @pytest.mark.parametrize(
        "payload",
        [
            {"purposes": 5, "message": "still there"},
            {"consent_until": "0001-01-01T00:00:00+14:00", "message": "still there"},
            {"net_savings": "1e999999999", "message": "still there"},
            {"signed_at": {"a": []}, "recommendation": [1], "source": {}, "message": "still there"},
        ],
    )
    async def test_shows_an_event_whose_fields_are_not_as_ours(
        self, console: httpx.AsyncClient, service: Session, open_case: Any, payload: dict[str, Any]
    ) -> None:
        case_id = (await open_case())["case_id"]
        event = {"case_id": case_id, "event_type": "chat", "payload": payload}
        await service.call("record_scenario_event", {"payload": event})
        assert "still there" in await read(console, f"/console/mortgage/cases/{case_id}")

    async def test_shows_no_personal_data_ids_or_json(
        self, console: httpx.AsyncClient, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case()
        await advise_case(opened)
        text = await read(console, f"{CASES}/{opened['case_id']}")
        for hidden in (
            *CONTACT.values(),
            BANK,
            str(RATE),
            *(str(opened[n]) for n in opened if n.endswith("_id") and n != "job_id"),
        ):
            assert hidden not in text
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)
        assert "{" not in text
        assert "_" not in text

    async def test_shows_changed_inputs_as_a_diff(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        opened = await open_case()
        await revise(owner)
        text = await read(console, f"{CASES}/{opened['case_id']}")
        assert "Version 2" in text
        assert re.search(r"Outstanding loan\s+S\$750,00[01]\s+S\$640,000", text)
        assert re.search(r"Present bank\s+Bank E\s+Bank C", text)
        assert not re.search(r"Remaining tenure\s+25 years\s+25 years", text)

    async def test_wants_a_login(self, app: FastAPI, open_case: Any) -> None:
        opened = await open_case()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as nobody:
            for path in (CASES, f"{CASES}/{opened['case_id']}"):
                response = await nobody.get(path)
                assert (response.status_code, response.headers["location"].split("?")[0]) == (
                    303,
                    "/console/login",
                )

    @pytest.mark.parametrize("case_id", ["nonsense", "00000000-0000-4000-8000-000000000000"])
    async def test_of_no_such_id_is_not_found(self, console: httpx.AsyncClient, case_id: str) -> None:
        assert (await console.get(f"{CASES}/{case_id}")).status_code == 404


async def revise(owner: asyncpg.Connection) -> None:
    inputs = {
        "loan_amount": 640000,
        "tenure_months": 300,
        "property_type": "private_condo",
        "current_bank": "dbs",
        "lock_in_remaining": 4,
        "income_profile": {"monthly_income_fixed": 12000, "other_monthly_debt": 450.75},
    }
    await owner.execute(
        "select mortgage.add_inputs(tenant_id, id, $1::jsonb, 'test') from scenario_cases", json.dumps(inputs)
    )


class TestInABrowser:
    async def test_a_broker_finds_and_reads_a_case(
        self,
        browser_page: Any,
        address: str,
        owner: asyncpg.Connection,
        service: Any,
        advise_case: Any,
        tmp_path: Path,
    ) -> None:
        await owner.execute("select casebase.create_user($1, $2, 'default', 'broker')", EMAIL, PASSWORD_HASH)
        for form in LEADS:
            payload = jsonable(LeadForm.model_validate(form))
            await advise_case(await service.call("create_scenario_case", {"payload": payload}))
        shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
        page = browser_page

        await page.goto(f"{address}{CASES}")
        await page.fill("input[name=email]", EMAIL)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button:has-text('Sign in')")
        await page.wait_for_url(f"**{CASES}")
        assert await page.locator("tbody tr").count() == len(LEADS)
        await page.screenshot(path=shots / "mortgage-cases.png", full_page=True)

        await page.fill("input[name=search]", "twl")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**search=twl**")
        await page.click("a.row-link")
        await page.wait_for_selector("h1:has-text('M-')")
        assert await page.locator("figure.chart").count() == 1
        shapes = {"desktop": (1280, 900), "phone": (390, 844)}
        for scheme in ("light", "dark"):
            for name, (width, height) in shapes.items():
                await page.emulate_media(color_scheme=scheme)
                await page.set_viewport_size({"width": width, "height": height})
                assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                shot = shots / f"mortgage-case-{name}-{scheme}.png"
                await page.screenshot(path=shot, full_page=True)
                assert shot.stat().st_size > 20_000

    async def test_what_staff_do_fits_every_screen(
        self, browser_page: Any, address: str, owner: asyncpg.Connection, open_case: Any, tmp_path: Path
    ) -> None:
        await owner.execute("select casebase.create_user($1, $2, 'default', 'broker')", EMAIL, PASSWORD_HASH)
        opened = [await open_case() for _ in range(3)]
        path = f"{address}{CASES}/{opened[0]['case_id']}"
        shots = Path(os.environ.get("CASEBASE_SCREENSHOTS", tmp_path))
        page = browser_page
        await page.goto(f"{path}/outcome")
        await page.fill("input[name=email]", EMAIL)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button:has-text('Sign in')")
        await page.wait_for_selector("h1:has-text('Record the outcome')")

        async def look(name: str) -> None:
            for size, (width, height) in {"desktop": (1280, 900), "phone": (390, 844)}.items():
                await page.set_viewport_size({"width": width, "height": height})
                assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
                await page.screenshot(path=shots / f"mortgage-{name}-{size}.png", full_page=True)
            await page.set_viewport_size({"width": 1280, "height": 900})

        await look("outcome")
        await page.goto(f"{path}/contact")
        await page.fill("textarea[name=reason]", "Calling back about the valuation")
        await page.click("button:has-text('Show the contact')")
        await page.wait_for_selector("text=Mask again")
        await look("contact")

        await page.goto(f"{address}{CASES}?status=draft&opened_on=2026-01-01")
        await page.click("[aria-label='Drop this filter']")
        await page.fill("input[name=name]", "Drafts of mine")
        await page.click("button:has-text('Keep')")
        await page.wait_for_selector("nav.tabs a[aria-current]:has-text('Drafts of mine')")
        assert await page.locator("#selection").is_hidden()
        await page.check("[data-select-all]")
        assert "3 chosen" in await page.locator("#selection").inner_text()
        await look("selected")
        await page.click("#selection button")
        await page.fill("input[name=add_tags]", "#winter #later")
        await look("bulk")
        await page.click("button:has-text('Preview')")
        await page.wait_for_selector("h1:has-text('Change 3 cases?')")
        await look("bulk-preview")
        await page.click("button:has-text('Apply to 3')")
        await page.wait_for_selector("text=3 cases changed.")
        await page.goto(f"{path}")
        await page.fill("textarea[name=notes]", "Wants to wait for the valuation.")
        await page.click("button:has-text('Save')")
        await page.wait_for_selector(".timeline >> text=Edited")
        await look("case-decided")

    async def test_the_advice_appears_by_itself(
        self, browser_page: Any, address: str, owner: asyncpg.Connection, open_case: Any, advise_case: Any
    ) -> None:
        await owner.execute("select casebase.create_user($1, $2, 'default', 'broker')", EMAIL, PASSWORD_HASH)
        opened = await open_case()
        page = browser_page
        await page.goto(f"{address}{CASES}/{opened['case_id']}")
        await page.fill("input[name=email]", EMAIL)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button:has-text('Sign in')")
        await page.wait_for_selector("text=The advice is being computed")
        await page.wait_for_selector("html[data-live-state=ready]")
        await advise_case(opened)
        await page.wait_for_selector("text=Advice computed")


async def submit(console: httpx.AsyncClient, page: str, action: str, **fields: Any) -> httpx.Response:
    """Send a form with the token of the page it is on."""
    token = form_token((await console.get(page)).text)
    return await console.post(action, data={"csrf_token": token, **fields})


async def form_fields(console: httpx.AsyncClient, page: str) -> dict[str, str]:
    """What the form of a page would send, untouched."""
    html = (await console.get(page)).text.split("<main", 1)[1]
    values = dict(
        re.findall(r'<input type="(?:hidden|text|date)"[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', html)
    )
    values |= {
        name: value
        for value, name in re.findall(r'<input type="text" value="([^"]*)"[^>]*? name="(\w+)"', html)
    }
    for name, options in re.findall(r'<select[^>]*? name="(\w+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        values[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    for attributes in re.findall(r'<input type="checkbox"([^>]*) checked', html):
        values |= dict.fromkeys(re.findall(r'name="(\w+)"', attributes), "true")
    return values


class TestDeciding:
    async def test_saves_notes_review_and_tags(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        html = (await console.get(path)).text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
        typed = {"notes": "Call in June.", "next_review_at": "2027-06-01", "tags": "#june"}
        saved = await console.post(f"{path}/edit", data={**hidden, **typed})
        assert saved.status_code == 303
        text = await read(console, path)
        assert "Notes changed" in text
        assert "Next review – → 1 Jun 2027" in text
        assert 'value="2027-06-01"' in (await console.get(path)).text
        assert "#june" in text

    async def test_masks_what_only_people_would_know(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        hidden = dict(
            re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', (await console.get(path)).text)
        )
        told = "Devi d/o Raman came along"
        await console.post(f"{path}/edit", data={**hidden, "notes": told, "tags": hidden["had_tags"]})
        await submit(console, f"{path}/contact", f"{path}/contact", reason=told)
        await submit(console, f"{path}/events", f"{path}/events", event_type="follow_up", note=told)
        await submit(console, f"{path}/outcome", f"{path}/outcome", decision="lost", notes=told)
        for table in ("scenario_cases", "scenario_outcomes"):
            assert (await owner.fetchval(f"select notes from {table}")).endswith(" came along")
        assert not any("Raman" in row for rows in (await all_rows(owner)).values() for row in rows)

    async def test_keeps_what_was_typed_when_the_case_changed_meanwhile(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        html = (await console.get(path)).text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
        await owner.execute("update scenario_cases set notes = 'Somebody else was faster.'")
        refused = await console.post(f"{path}/edit", data={**hidden, "notes": "Mine.", "tags": ""})
        assert refused.status_code == 409
        assert "Read the case again" in refused.text
        assert "Mine." in refused.text

    async def test_names_the_field_that_is_wrong(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        html = (await console.get(path)).text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
        refused = await console.post(f"{path}/edit", data={**hidden, "notes": "x" * 8001, "tags": ""})
        assert refused.status_code == 422
        assert "Must have at most 8000 characters" in text_of(refused.text)

    async def test_without_the_forms_token_changes_nothing(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        refused = await console.post(f"{path}/edit", data={"notes": "Mine.", "tags": ""})
        assert refused.status_code == 403
        assert await owner.fetchval("select notes from scenario_cases") is None


class TestClosing:
    async def test_records_the_outcome(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        closed = await submit(
            console,
            f"{path}/outcome",
            f"{path}/outcome",
            decision="refinance",
            decision_reason="lower_instalment",
            hurdles=["documents", "timing"],
            bank="DBS",
            loan_quantum="640,000",
            signed_at="2026-11-20",
        )
        assert closed.status_code == 303, closed.text
        text = await read(console, path)
        for shown in (
            "Closed",
            "Lower instalment",
            "Documents, Timing",
            "Bank C",
            "S$640,000",
            "20 Nov 2026",
        ):
            assert shown in text
        assert "Record outcome" not in text

    async def test_may_be_signed_today_at_any_hour(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        today = datetime.now(timezone(timedelta(hours=8))).date().isoformat()
        closed = await submit(console, f"{path}/outcome", f"{path}/outcome", decision="stay", signed_at=today)
        assert closed.status_code == 303, closed.text

    async def test_wants_a_decision(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        refused = await submit(console, f"{path}/outcome", f"{path}/outcome", loan_quantum="a lot")
        assert refused.status_code == 422
        assert "Is missing" in text_of(refused.text)
        assert await owner.fetchval("select status::text from scenario_cases") == "draft"


class TestUnmasking:
    async def test_asks_a_reason_shows_the_contact_once_and_is_on_the_timeline(
        self, console: httpx.AsyncClient, open_case: Any
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        refused = await submit(console, f"{path}/contact", f"{path}/contact", reason="no")
        assert refused.status_code == 422
        shown = await submit(console, f"{path}/contact", f"{path}/contact", reason="Calling back about rates")
        assert shown.status_code == 200
        assert shown.headers["cache-control"] == "no-store"
        for value in CONTACT.values():
            assert value in text_of(shown.text)
        text = await read(console, path)
        assert "Contact unmasked" in text
        assert "Calling back about rates" in text
        for value in CONTACT.values():
            assert value not in text


class TestCorrectingTheInputs:
    async def test_writes_what_was_changed_as_the_next_version(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        fields = await form_fields(console, f"{path}/inputs")
        assert fields["loan_amount"] == "750,000.50"
        assert fields["monthly_income_fixed"] == "12,000"
        change = {"loan_amount": "640,000", "current_bank": "DBS", "other_monthly_debt": ""}
        saved = await console.post(f"{path}/inputs", data={**fields, **change})
        assert (saved.status_code, saved.headers["location"]) == (303, f"{path}#inputs")
        text = await read(console, path)
        assert re.search(r"Outstanding loan\s+S\$750,00[01]\s+S\$640,000", text)
        assert re.search(r"Present bank\s+Bank E\s+Bank C", text)
        newest = await owner.fetchrow(
            "select i.*, p.current_rate from scenario_inputs i "
            "join mortgage.private_inputs p using (case_id, tenant_id, version) order by version desc limit 1"
        )
        assert (newest["version"], newest["tenure_months"], newest["owner_occupied"]) == (2, 300, True)
        assert float(newest["current_rate"]) == RATE
        assert json.loads(newest["income_profile_json"]) == {"monthly_income_fixed": 12000}

    async def test_of_an_older_page_leaves_others_corrections_alone(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        mine, theirs = [await form_fields(console, f"{path}/inputs") for _ in range(2)]
        await console.post(f"{path}/inputs", data={**theirs, "tenure_months": "240"})
        await console.post(f"{path}/inputs", data={**mine, "lock_in_remaining": "9"})
        newest = await owner.fetchrow("select * from scenario_inputs order by version desc limit 1")
        assert (newest["version"], newest["tenure_months"], newest["lock_in_remaining"]) == (3, 240, 9)

    async def test_of_nothing_writes_nothing(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        fields = await form_fields(console, f"{path}/inputs")
        assert (await console.post(f"{path}/inputs", data=fields)).status_code == 303
        assert await owner.fetchval("select count(*) from scenario_inputs") == 1

    @pytest.mark.parametrize("amount", ["nan", "inf", "-Infinity", "1e999"])
    async def test_takes_only_finite_amounts(
        self, console: httpx.AsyncClient, open_case: Any, amount: str
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        fields = await form_fields(console, f"{path}/inputs")
        refused = await console.post(f"{path}/inputs", data={**fields, "loan_amount": amount})
        assert refused.status_code == 422
        assert "Must be" in refused.text.split('id="error-loan_amount">')[1].split("<")[0]

    async def test_names_the_field_that_is_wrong(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        fields = await form_fields(console, f"{path}/inputs")
        refused = await console.post(f"{path}/inputs", data={**fields, "tenure_months": "a while"})
        assert refused.status_code == 422
        assert 'value="a while"' in refused.text
        assert 'id="error-tenure_months"' in refused.text
        assert await owner.fetchval("select count(*) from scenario_inputs") == 1


class TestTellingAnEvent:
    async def test_puts_it_on_the_timeline(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        quote = {"bank": "OCBC", "net_savings": "2,600", "note": "valid this week"}
        told = await submit(console, f"{path}/events", f"{path}/events", event_type="bank_quote", **quote)
        assert (told.status_code, told.headers["location"]) == (303, f"{path}#timeline")
        text = await read(console, path)
        assert "Bank quote" in text
        assert "valid this week" in text
        assert "OCBC" not in text
        assert "Active" in text

    @pytest.mark.parametrize(
        ("told", "said"),
        [
            ({"event_type": "bank_quote"}, 'id="error-bank"'),
            ({"event_type": "follow_up", "note": "at 2.85% fixed"}, "Leave the rate out"),
            ({"event_type": "follow_up", "occurred_at": "2099-01-01"}, 'id="error-occurred_at"'),
            ({"event_type": ""}, 'id="error-event_type"'),
        ],
    )
    async def test_says_what_is_wrong(
        self, console: httpx.AsyncClient, open_case: Any, told: dict[str, str], said: str
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        refused = await submit(console, f"{path}/events", f"{path}/events", **told)
        assert (refused.status_code, said in refused.text) == (422, True)


class TestTheConsentOfACase:
    async def test_is_extended_through_a_day(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        last = (datetime.now(UTC) + timedelta(days=30)).date()
        done = await submit(console, f"{path}/consent", f"{path}/consent/extend", until=last.isoformat())
        assert done.status_code == 303
        until = await owner.fetchval("select until at time zone 'Asia/Singapore' from consents")
        assert until == datetime.combine(last + timedelta(days=1), time())

    @pytest.mark.parametrize("until", ["", "nonsense", "2020-01-01", "2199-01-01"])
    async def test_is_not_extended_to_what_makes_no_sense(
        self, console: httpx.AsyncClient, open_case: Any, until: str
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        refused = await submit(console, f"{path}/consent", f"{path}/consent/extend", until=until)
        assert refused.status_code == 422
        assert 'id="error-until"' in refused.text

    async def test_is_withdrawn(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        done = await submit(console, f"{path}/consent", f"{path}/consent/withdraw")
        assert done.status_code == 303
        assert await owner.fetchval("select withdrawn_at is not null from consents")
        assert "The consent has ended" in await read(console, f"{path}/consent")


@pytest.mark.parametrize("page", ["outcome", "contact", "inputs", "events", "consent", "documents"])
async def test_every_page_of_a_case_leaves_a_view(
    console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection, page: str
) -> None:
    await read(console, f"{CASES}/{(await open_case())['case_id']}/{page}")
    assert await owner.fetchval("select count(*) from scenario_events where event_type = 'admin_view'") == 1


class TestManyAtOnce:
    async def test_are_previewed_then_changed(self, console: httpx.AsyncClient, open_case: Any) -> None:
        selected = [(await open_case())["case_id"] for _ in range(2)]
        bulk = f"{CASES}/bulk"
        asked = await submit(console, CASES, bulk, selected=selected)
        assert "Edit 2 cases" in text_of(asked.text)
        change = {"selected": selected, "add_tags": "#winter", "next_review_at": "2027-01-04"}
        preview = await submit(console, CASES, bulk, step="preview", **change)
        assert "Change 2 cases?" in text_of(preview.text)
        assert "4 Jan 2027" in text_of(preview.text)
        assert "Nothing matches" in await read(console, f"{CASES}?tag=%23winter")
        applied = await submit(console, CASES, bulk, step="apply", **change)
        assert "2 cases changed." in await read(console, applied.headers["location"])
        assert "TWLR" in await read(console, f"{CASES}?tag=%23winter")

    async def test_say_what_is_wrong_with_a_change(self, console: httpx.AsyncClient, open_case: Any) -> None:
        selected = [(await open_case())["case_id"]]
        refused = await submit(
            console, CASES, f"{CASES}/bulk", step="preview", selected=selected, add_tags="winter"
        )
        assert refused.status_code == 422
        assert "must be # and a snake_case word" in text_of(refused.text)


class TestFiltersThatAreKept:
    async def test_are_offered_by_name_until_forgotten(
        self, console: httpx.AsyncClient, open_case: Any
    ) -> None:
        await open_case()
        page = f"{CASES}?status=draft"
        kept = await submit(console, page, "/console/mortgage/filters", name="My drafts", status="draft")
        assert kept.headers["location"] == page
        html = (await console.get(page)).text
        assert re.search(r'href="[^"]*status=draft" aria-current="page">My drafts', html)
        forget = re.search(r'action="(/console/mortgage/filters/[^"]+/delete)"', html)
        assert forget
        await submit(console, page, forget[1])
        assert "My drafts" not in await read(console, page)

    async def test_are_of_the_tenant_whose_cases_are_listed(
        self, console: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
    ) -> None:
        await owner.execute(
            "with t as (insert into tenants (slug, name) values ('aardvark', 'Aardvark') returning id) "
            "insert into tenant_users (tenant_id, user_id, role) "
            "select t.id, u.id, 'member' from t, auth.users u where u.email = $1",
            EMAIL,
        )
        await open_case()
        page = f"{CASES}?status=draft"
        kept = await submit(console, page, "/console/mortgage/filters", name="My drafts", status="draft")
        assert kept.status_code == 303
        assert "My drafts" in await read(console, page)


class TestTheTimelineOfACase:
    async def test_shows_one_kind_of_events(self, console: httpx.AsyncClient, open_case: Any) -> None:
        path = f"{CASES}/{(await open_case())['case_id']}"
        await read(console, path)
        assert "Viewed" in await read(console, f"{path}?timeline=staff")
        assert "Lead form" not in await read(console, f"{path}?timeline=staff")
        assert "Nothing of this kind" in await read(console, f"{path}?timeline=bank")
