"""The page of a case: what it shows, to whom, and what it offers them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from casebase.kernel.db import Session
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE
from tests.enforcement.pages.reading import ROOT, read, text_of


async def test_shows_stages_clock_judgment_and_timeline(
    operator: httpx.AsyncClient, service: Session, open_case: Any
) -> None:
    case_id = await open_case(notes="Has the file.")
    await service.call(
        "set_enforcement_stage",
        {"payload": {"case_id": case_id, "stage": "bank_levy", "note": "Account found."}},
    )
    text = await read(operator, f"/cases/{case_id}")
    for shown in (
        "Harbor Supply LLC against JQ", "$12,500", "0% of $12,500 paid", "Pre enforcement", "Bank levy",
        "Day 1 of 21, next action due on", "Case stage changed", "Pre enforcement → Bank levy", "Account found.",
        "Go on to garnishment", "Has the file.", "Nothing was received yet",
    ):  # fmt: skip
        assert shown in text, shown
    assert text.count("Account found.") == 1


async def test_payments_draw_the_balance(
    operator: httpx.AsyncClient, service: Session, open_case: Any
) -> None:
    case_id = await open_case()
    for number, amount in enumerate((1000.25, 500)):
        payment = {"case_id": case_id, "amount": amount, "source": "check", "reference": f"C-{number}"}
        await service.call("record_enforcement_payment", {"payload": payment})
    html = (await operator.get(f"{ROOT}/cases/{case_id}")).text
    assert html.count('<figure class="chart"') == 1
    text = text_of(html)
    for shown in ("$10,999.75", "12% of $12,500 paid", "$1,000.25", "C-1", "Payment received"):
        assert shown in text, shown
    assert "Balance changed" not in text


async def test_timeline_is_filtered(operator: httpx.AsyncClient, service: Session, open_case: Any) -> None:
    case_id = await open_case()
    await service.call(
        "log_enforcement_event",
        {"payload": {"case_id": case_id, "event_kind": "note", "payload": {"note": "Rang."}}},
    )
    assert "Rang." in await read(operator, f"/cases/{case_id}?timeline=events")
    changes = await read(operator, f"/cases/{case_id}?timeline=changes")
    assert "Case opened" in changes
    assert "Rang." not in changes
    assert "Nothing of this kind" in await read(operator, f"/cases/{case_id}?timeline=work")


@pytest.mark.parametrize(
    "payload",
    [
        {"amount": "1e999999999", "note": "still there"},
        {"balance": [1, {"a": None}], "from": {"x": 1}, "note": "still there"},
        {"issued_at": "0001-01-01T00:00:00+14:00", "status": 5, "note": "still there"},
        {"source": {}, "tier": True, "outcome": [], "note": "still there"},
        {"action_type": [1], "note": "still there"},
    ],
)
async def test_shows_an_event_whose_fields_are_not_as_ours(
    operator: httpx.AsyncClient, service: Session, open_case: Any, payload: dict[str, Any]
) -> None:
    case_id = await open_case()
    event = {"case_id": case_id, "event_kind": "note", "payload": payload}
    await service.call("log_enforcement_event", {"payload": event})
    assert "still there" in await read(operator, f"/cases/{case_id}")


async def test_shows_no_personal_data_ids_or_json(
    operator: httpx.AsyncClient, service: Session, open_case: Any, owner: asyncpg.Connection
) -> None:
    case_id = await open_case(notes=f"{DEBTOR} rang from {DEBTOR_PHONE}")
    await service.call(
        "issue_subpoena", {"payload": {"case_id": case_id, "document_path": "filings/subpoena.pdf"}}
    )
    await service.call(
        "queue_enforcement_action",
        {"payload": {"case_id": case_id, "action_type": "bank_levy", "status": "filed"}},
    )
    text = await read(operator, f"/cases/{case_id}")
    for hidden in (DEBTOR, DEBTOR_PHONE, "filings/subpoena.pdf", "{"):
        assert hidden not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)
    assert "_" not in text


async def test_copilots_note_is_shown_to_operators_alone(
    operator: httpx.AsyncClient, member: httpx.AsyncClient, open_case: Any, owner: asyncpg.Connection
) -> None:
    case_id = await open_case()
    assert "No note yet" in await read(operator, f"/cases/{case_id}")
    await owner.execute(
        """
        insert into case_copilot_outputs (
            tenant_id, enforcement_case_id, job_id, model, is_extractive, summary, sources, requested_by, requested_at)
        select tenant_id, id, 7, 'a-model', false, 'The levy comes next [1].',
               '[{"n": 1, "kind": "case_stage_changed", "at": "2026-01-02T03:04:05Z"}]', 'service', now()
        from enforcement_cases where id = $1
        """,
        UUID(case_id),
    )
    text = await read(operator, f"/cases/{case_id}")
    for shown in ("The levy comes next [1].", "1 source", "Case stage changed, 2 Jan 2026", "a-model"):
        assert shown in text
    assert "The levy comes next" not in await read(member, f"/cases/{case_id}")


async def test_members_are_offered_nothing_to_do(
    member: httpx.AsyncClient, operator: httpx.AsyncClient, open_case: Any
) -> None:
    path = f"{ROOT}/cases/{await open_case()}"
    offered = (
        "payment",
        "event",
        "close",
        "stage",
        "action",
        "subpoena",
        "tier",
        "call",
        "documents",
        "copilot",
    )
    seen_by_member = (await member.get(path)).text.split("<main", 1)[1]
    seen_by_operator = (await operator.get(path)).text.split("<main", 1)[1]
    for work in offered:
        assert f"{path}/{work}" in seen_by_operator, work
        assert f"{path}/{work}" not in seen_by_member, work


async def test_a_closed_case_is_offered_what_still_can_be_told(
    operator: httpx.AsyncClient, service: Session, open_case: Any
) -> None:
    case_id = await open_case()
    payload = {"case_id": case_id, "status": "uncollectible", "note": "Nothing is left."}
    await service.call("close_enforcement_case", {"payload": payload})
    html = (await operator.get(f"{ROOT}/cases/{case_id}")).text.split("<main", 1)[1]
    assert f"/cases/{case_id}/event" in html
    assert f"/cases/{case_id}/payment" not in html
    assert "Nothing is left." in html


async def test_is_not_there_for_another_tenant(
    operator: httpx.AsyncClient, make_judgment: Any, open_case: Any, people: Any
) -> None:
    case_id = await open_case(await make_judgment(tenant_id=people.other_tenant))
    for path in ("", "/payment", "/documents"):
        assert (await operator.get(f"{ROOT}/cases/{case_id}{path}")).status_code == 404


@pytest.mark.parametrize("path", ["/cases/nonsense", "/cases/00000000-0000-4000-8000-000000000000/stage"])
async def test_of_no_such_id_is_not_found(operator: httpx.AsyncClient, path: str) -> None:
    assert (await operator.get(f"{ROOT}{path}")).status_code == 404


async def test_wants_a_login(app: Any, open_case: Any) -> None:
    path = f"{ROOT}/cases/{await open_case()}"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as nobody:
        response = await nobody.get(path)
        assert (response.status_code, response.headers["location"].split("?")[0]) == (303, "/console/login")
