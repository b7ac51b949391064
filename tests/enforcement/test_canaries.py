"""Canaries: a debtor goes through every text of every RPC; a search of every column finds them where enrichment is, alone."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import CasebaseError
from casebase.kernel.guard.leaks import scan
from tests.enforcement.enrichment_calls import judgment, process, simplicity, stage, start_import

NAME = "Xanthippe Quagmorton"
PHONE = "(646) 555-0148"
EMAIL = "xq@quag.example"
ADDRESS = "4711 Zebulon Parkway, Brooklyn"
SSN = "078-05-1120"
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()
# What somebody writes, and what of it nobody may find again.
CANARIES = {
    "name": (f"{NAME} said", NAME),
    "a part of the name": ("spoke with quagmorton today", "quagmorton"),
    "telephone": (f"ring {PHONE}", PHONE),
    "telephone, written apart": ("ring 646/555.0148", "6465550148"),
    "another's telephone": ("his wife is on 212-555-0187", "212-555-0187"),
    "e-mail": (f"write to {EMAIL.upper()}", EMAIL),
    "address": (f"lives at {ADDRESS}", "4711 Zebulon"),
    "social security number": (f"SSN {SSN}", SSN),
}


def inputs(ids: dict[str, str], text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every RPC that takes in a text about a case, with ``text`` in each of its fields."""
    case_id, code, word = (
        {"case_id": ids["case_id"]},
        text[:60],
        re.sub(r"[^a-z0-9]+", "_", text.lower())[:39],
    )

    def call(function: str, **payload: Any) -> tuple[str, dict[str, Any]]:
        return function, {"payload": payload}

    for payload in ({"note": text}, {"own": {"deep": [{"er": text}]}}, {text: "a key"}):
        yield call("log_enforcement_event", **case_id, event_kind="note", payload=payload)
    yield call("log_enforcement_event", **case_id, event_kind="note", document_path=f"x/{text}.pdf")
    yield call("set_enforcement_stage", **case_id, stage="bank_levy", note=text, metadata={text: text})
    action = {**case_id, "action_type": "bank_levy"}
    for status in ("queued", "filed", "".join(c if c.isalpha() else "_" for c in text.lower())[:39]):
        yield call("queue_enforcement_action", **action, status=status, status_reason=text, metadata={text: [text]})  # fmt: skip
    yield call("override_enforcement_tier", **case_id, tier="tier1", expires_at=LATER, note=text)
    yield call("clear_enforcement_override", **case_id, note=text)
    subpoena = {**case_id, "document_path": "subpoena.pdf"}
    yield call("issue_subpoena", **case_id, document_path=text)
    yield call("issue_subpoena", **subpoena, recipient=text, document_metadata={text: text}, metadata={text: text})  # fmt: skip
    yield call("record_subpoena_response", **case_id, note=text, metadata={"by": text})
    paid = {**case_id, "amount": 0.01, "source": "wire"}
    yield call("record_enforcement_payment", **paid, reference="W-1")
    for reference in (code, re.sub(r"[^A-Za-z0-9.]+", "-", text), word):
        yield call("record_enforcement_payment", **paid, reference=reference)
    yield call("record_enforcement_payment", **{**paid, "source": word})
    yield call("record_enforcement_payment", **paid, document_path=text)
    for kind in ("enrich", "outreach", "enforce", "case_copilot"):
        yield call("queue_job", kind=kind, idempotency_key=text, payload=case_id)
        yield call("queue_job", kind=kind, idempotency_key=f"{kind}-1", payload={**case_id, "note": text})
    called = {"plaintiff_id": ids["plaintiff_id"], "task_id": ids["task_id"]}
    yield "log_call_outcome", {**called, "outcome": text[:60]}
    yield "log_call_outcome", {**called, "outcome": "voicemail", "notes": text}
    yield "request_case_copilot", {"case_id": ids["case_id"]}
    docket = {"case_number": f"1 {text}", "court": text, "county": text}
    debtor = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": ADDRESS}
    for name, value in docket.items():
        yield call("create_judgment", **judgment(debtor=debtor, docket={"case_number": "9/24", name: value}))
    for source in (word, word.removeprefix("spoke_with_"), "by_hand"):
        yield call(
            "create_judgment", **judgment(debtor=debtor, docket={"case_number": "8/24"}, source=source)
        )
    file_name = f"{text.replace('/', '-')}.csv"
    yield call("start_simplicity_import", file_name=file_name, file_sha256="b" * 64)
    yield call("close_enforcement_case", **case_id, status="withdrawn", note=text)


async def made(service: Session, owner: asyncpg.Connection) -> dict[str, str]:
    """The debtor's judgment with its open case and a call to make; as strings."""
    debtor = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": ADDRESS}
    ids = await service.call("create_judgment", {"payload": judgment(debtor=debtor)})
    case_id = await service.call("open_enforcement_case", {"payload": {"judgment_id": ids["judgment_id"]}})
    task = {"plaintiff_id": ids["plaintiff_id"], "case_id": case_id, "due_at": LATER}
    await service.call("schedule_call", {"payload": task})
    task_id = await owner.fetchval("select id::text from plaintiff_tasks where kind = 'call'")
    return {"case_id": case_id, "plaintiff_id": ids["plaintiff_id"], "task_id": task_id}


async def places(url: str, *terms: str) -> set[str]:
    """Where ``casebase verify leaks`` finds the terms."""
    return {leak.place async for scanned in scan(url, terms) for leak in scanned.leaks}


def is_home(place: str) -> bool:
    return place.startswith("enrichment.") or place == "enforcement.import_rows.raw"


@pytest.mark.parametrize("kind", CANARIES)
async def test_is_found_in_its_home_alone(
    owner: asyncpg.Connection, database: str, service: Session, kind: str
) -> None:
    text, trace = CANARIES[kind]
    ids = await made(service, owner)
    said, refused = [], []
    for number, (function, arguments) in enumerate(inputs(ids, text)):
        try:
            said.append((function, await service.call(function, arguments, idempotency_key=f"k{number}")))
        except CasebaseError as error:
            refused.append((function, error.message, error.detail, error.hint))
    assert {function for function, _ in inputs(ids, text)} == {function for function, _ in said}, refused
    assert trace.lower() not in json.dumps([said, refused], ensure_ascii=False).lower()
    assert {place for place in await places(database, trace) if not is_home(place)} == set()


async def test_an_imports_rows_are_its_home_until_they_are_in(
    owner: asyncpg.Connection, database: str, service: Session
) -> None:
    run_id = await start_import(service, file_name=f"{NAME}.csv")
    debtor = {
        "defendant_name": NAME,
        "defendant_phone": PHONE,
        "defendant_email": EMAIL,
        "defendant_address": ADDRESS,
    }
    rows = [
        simplicity(1, **debtor),
        simplicity(2, **debtor, court=f"re {NAME}"),
        simplicity(3, **debtor, case_number=f"1 {SSN}"),
    ]
    await stage(service, run_id, *rows)
    assert (await process(service, run_id))["rejected"] == 2
    found = await asyncio.gather(*(places(database, term) for term in (NAME, PHONE, EMAIL, "Zebulon", SSN)))
    assert {place for some in found for place in some if not is_home(place)} == set()
    assert "enforcement.import_rows.raw" in found[0]
    raw = (
        "select array_agg(row_number order by row_number) from enforcement.import_rows where raw is not null"
    )
    assert await owner.fetchval(raw) == [2, 3]
