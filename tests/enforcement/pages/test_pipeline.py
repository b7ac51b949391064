"""The pipeline: ranked, filtered, and where a judgment becomes a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE
from tests.enforcement.pages.reading import ROOT, read, submit, text_of


async def test_says_when_there_is_nothing(operator: httpx.AsyncClient) -> None:
    assert "Nothing to work on" in await read(operator, "/pipeline")


async def test_ranks_by_priority_then_amount(operator: httpx.AsyncClient, make_judgment: Any) -> None:
    await make_judgment(plaintiff="Third Firm", amount="100.00")
    await make_judgment(plaintiff="Second Firm", amount="900.00")
    await make_judgment(plaintiff="First Firm", amount="50.00", priority="urgent")
    text = await read(operator, "/pipeline")
    assert text.index("First Firm") < text.index("Second Firm") < text.index("Third Firm")


async def test_filters_by_stage_county_state_and_lateness(
    operator: httpx.AsyncClient, make_judgment: Any, open_case: Any, owner: asyncpg.Connection
) -> None:
    await make_judgment(plaintiff="Idle Firm", county="Cook", state="IL")
    case_id = await open_case(await make_judgment(plaintiff="Busy Firm"))
    for query, shown in {
        "stage=none": "Idle Firm",
        "stage=pre_enforcement": "Busy Firm",
        "county=Cook": "Idle Firm",
        "state=NY": "Busy Firm",
        "search=busy": "Busy Firm",
        "sla=met&stage=pre_enforcement": "Busy Firm",
    }.items():
        text = await read(operator, f"/pipeline?{query}")
        assert shown in text, query
        assert ({"Idle Firm", "Busy Firm"} - {shown}).pop() not in text, query
    assert "Nothing matches" in await read(operator, "/pipeline?sla=breached")
    await owner.execute(
        "update enforcement_cases set next_action_at = now() - interval '2 days' where id = $1", case_id
    )
    assert "2 days late" in await read(operator, "/pipeline?sla=breached")


async def test_shows_the_tier_it_ranks_by_and_the_one_that_was_set(
    operator: httpx.AsyncClient, service: Session, make_judgment: Any, open_case: Any
) -> None:
    case_id = await open_case(await make_judgment(plaintiff="Ours LLC"))
    assert "set to" not in await read(operator, "/pipeline")
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    override = {"case_id": case_id, "tier": "tier3", "expires_at": until, "note": "New employer."}
    await service.call("override_enforcement_tier", {"payload": override})
    assert "Ours LLC Tier 0 set to Tier 3 Normal" in await read(operator, "/pipeline?tier=tier0")
    assert "Nothing matches" in await read(operator, "/pipeline?tier=tier3")


async def test_goes_on_from_page_to_page(operator: httpx.AsyncClient, make_judgment: Any) -> None:
    for number in range(27):
        await make_judgment(plaintiff=f"Firm {number:02}")
    html = (await operator.get(f"{ROOT}/pipeline")).text
    following = html.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    seen = text_of(html) + text_of((await operator.get(following)).text)
    assert all(f"Firm {number:02}" in seen for number in range(27))


async def test_shows_no_debtor_and_no_other_tenants_judgment(
    operator: httpx.AsyncClient, make_judgment: Any, people: Any
) -> None:
    await make_judgment(plaintiff="Ours LLC")
    await make_judgment(plaintiff="Theirs LLC", tenant_id=people.other_tenant)
    text = await read(operator, "/pipeline")
    assert "Ours LLC" in text
    for hidden in ("Theirs LLC", DEBTOR, DEBTOR_PHONE):
        assert hidden not in text


async def test_a_judgment_is_recorded_and_its_case_opened(
    operator: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    recorded = await submit(
        operator,
        "/judgments/new",
        plaintiff_name="Harbor Supply LLC",
        debtor_name=DEBTOR,
        debtor_kind="person",
        judgment_amount="12,500.50",
        priority_level="high",
        case_number="CV-000123/24",
        county="Kings",
        state="ny",
    )
    assert recorded.status_code == 303, text_of(recorded.text)
    opened = await submit(
        operator, recorded.headers["location"].removeprefix(ROOT), notes="Call Mr. Jordan Smith first."
    )
    assert opened.status_code == 303, text_of(opened.text)
    text = await read(operator, opened.headers["location"].removeprefix(ROOT))
    for shown in ("Harbor Supply LLC", "JQ", "$12,500.50", "Kings, NY", "High", "CV-000123/24"):
        assert shown in text
    assert DEBTOR not in text
    assert "Smith" not in await owner.fetchval("select notes from enforcement_cases")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("judgment_amount", "a lot", "Must be"),
        ("judgment_amount", "inf", "Must be"),
        ("case_number", "<b>", "Must be a court's case number"),
        ("state", "New York", "Must be two capital letters"),
        ("debtor_name", "--", "Must hold letters"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    operator: httpx.AsyncClient, field: str, value: str, said: str
) -> None:
    right = {
        "plaintiff_name": "Harbor Supply LLC",
        "debtor_name": DEBTOR,
        "judgment_amount": "10",
        "case_number": "CV-1",
        "priority_level": "normal",
    }
    refused = await submit(operator, "/judgments/new", **{**right, field: value})
    assert refused.status_code == 422
    error = refused.text.split(f'id="error-{field}">')[1].split("<")[0]
    assert said.replace("'", "&#39;") in error


async def test_a_second_case_is_refused_in_words(operator: httpx.AsyncClient, make_judgment: Any) -> None:
    judgment = await make_judgment()
    path = f"/judgments/{judgment.id}/open"
    assert (await submit(operator, path)).status_code == 303
    refused = await submit(operator, path)
    assert refused.status_code == 409
    assert "A case is open for this judgment" in text_of(refused.text)


async def test_members_are_offered_nothing_to_do(member: httpx.AsyncClient, make_judgment: Any) -> None:
    judgment = await make_judgment()
    html = (await member.get(f"{ROOT}/pipeline")).text
    assert "New judgment" not in html
    assert f"/judgments/{judgment.id}/open" not in html
    refused = await submit(member, f"/judgments/{judgment.id}/open")
    assert refused.status_code == 403
