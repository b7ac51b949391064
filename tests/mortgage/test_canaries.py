"""Canaries: twenty kinds of personal data through every input of capture, then a search of every column of every table."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import CasebaseError
from casebase.modules.mortgage.service import Client
from tests.mortgage.leads import CONTACT, lead
from tests.support.rows import all_rows

# Each in the sentence somebody would write it in, with the part that nobody may find again.
CANARIES = {
    "name": (f"{CONTACT['name']} asked", "Rachel"),
    "part of the name": ("spoke with ling today", "ling today"),
    "own e-mail": (f"write to {CONTACT['email'].upper()}", "RACHEL.TAN"),
    "own phone": (f"call {CONTACT['phone']}", "9123 4567"),
    "another name": ("Mdm Farhana Zulkifli asked", "Zulkifli"),
    "e-mail": ("send it to kim.lee+home@mail.example.co.uk", "kim.lee"),
    "mobile": ("his wife is on 8234 5678", "8234 5678"),
    "landline": ("office 65123456", "65123456"),
    "phone abroad": ("in Oslo +47 22 12 34 56", "22 12 34"),
    "NRIC": ("ic S1234567D", "S1234567D"),
    "FIN": ("fin G1234567X", "G1234567X"),
    "personnummer": ("se 811218-9876", "811218"),
    "fødselsnummer": ("no 01010750160", "01010750160"),
    "IBAN": ("pay GB82 WEST 1234 5698 7654 32", "1234 5698"),
    "card": ("card 4111 1111 1111 1111", "4111 1111"),
    "account": ("account no. 123-45678-9", "123-45678"),
    "unit": ("at #05-67", "#05-67"),
    "block": ("Blk 123A Ang Mo Kio Avenue 3", "Ang Mo Kio"),
    "postal code": ("Singapore 560123", "560123"),
    "passport": ("passport E1234567A", "E1234567A"),
    "birth": ("born on 3 Feb 1980", "Feb 1980"),
    "bank": ("she is with Standard Chartered", "Chartered"),
    "bank's code": ("an offer of hsbc", " hsbc"),
    "wide digits": ("ring ８２３４５６７８", "８２３４"),
}
_HOMES = {"public.leads", "mortgage.banks", "casebase.masked_terms"}
# What the migrations left: SQL and checksums, from before anybody told anything.
_SHIPPED = {"supabase_migrations.schema_migrations", "casebase.applied_files"}
# Ids, hashes and microseconds have any six digits in a row sooner or later.
_BY_CHANCE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|(?<=:\d\d)\.\d+")


async def tables_with(owner: asyncpg.Connection, trace: str) -> set[str]:
    return {
        table
        for table, rows in (await all_rows(owner)).items()
        # A label writes _ for a space.
        if table not in _SHIPPED
        and any(trace.lower() in _BY_CHANCE.sub("…", row.lower()).replace("_", " ") for row in rows)
    }


def inputs(case_id: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every text that the module's RPCs take in about a case, holding ``text``."""
    entry = {"case_id": case_id, "entry_type": "said", "model": "m", "prompt_hash": "0f" * 32}
    for payload in (
        {"message": text},
        {"own": {"deep": [{"er": text}]}},
        {text: "a key"},
        {"bank": text, "lender": [text]},
        {"conversation_id": "".join(c for c in text if c.isascii() and c.isalnum())[:40]},
    ):
        yield "record_scenario_event", {"case_id": case_id, "event_type": "chat", "payload": payload}
    for event_type in ("reveal", "follow_up", "doc_received", "signed"):
        yield (
            "record_scenario_event",
            {"case_id": case_id, "event_type": event_type, "payload": {"note": text}},
        )
    quote = {"bank": text, "note": text, "monthly_instalment": 3000}
    yield "record_scenario_event", {"case_id": case_id, "event_type": "bank_quote", "payload": quote}
    yield "revise_scenario_inputs", {"case_id": case_id, "inputs": {"current_bank": text}}
    yield "record_ai_entry", {**entry, "content": {"text": text, text: [text]}}
    yield "record_ai_entry", {**entry, "content": {}, "model": "-".join(text.split())[:40]}
    label = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")[:39]
    yield "record_ai_entry", {**entry, "content": {}, "tags": [f"#{label}"]}
    yield "edit_scenario_case", {"case_id": case_id, "edit": {"notes": text}}
    yield "edit_scenario_case", {"case_id": case_id, "edit": {"add_tags": [f"#{label}"]}}
    bulk = {"case_ids": [case_id], "edit": {"add_tags": [f"#x_{label}"[:40]]}, "is_preview": False}
    yield "bulk_edit_scenario_cases", bulk
    # Of a name only the whole is refused here: "page" and "web" are names too, and a lead must not be lost for it.
    if "ling_today" not in label:
        yield "create_scenario_case", lead({"source": label})
        yield "create_scenario_case", lead({"consent.purposes": [label], "inputs.current_bank": text})
    yield "record_scenario_outcome", {"case_id": case_id, "decision": "stay", "notes": text, "bank": text}


async def said_back(service: Session, function: str, payload: dict[str, Any], *, key: str) -> str:
    """What a call answers, or says when it refuses: neither may say the text again."""
    try:
        answer = await service.call(function, {"payload": payload}, idempotency_key=key)
    except CasebaseError as refused:
        return f"{refused.message} {refused.detail} {refused.hint}"
    return json.dumps({"case_id": payload.get("case_id"), "answer": answer})


@pytest.mark.parametrize("kind", CANARIES)
async def test_is_found_in_its_home_alone(
    owner: asyncpg.Connection, service: Session, open_case: Any, kind: str
) -> None:
    text, trace = CANARIES[kind]
    case_id = (await open_case())["case_id"]
    before = await tables_with(owner, trace)
    assert before <= _HOMES
    replies = [
        await said_back(service, function, payload, key=f"k{number}")
        for number, (function, payload) in enumerate(inputs(case_id, text))
    ]
    # This one's answer is the contact; what it keeps is the reason.
    with contextlib.suppress(CasebaseError):
        reason = {"case_id": case_id, "reason": f"a callback: {text}"}
        await service.call("unmask_scenario_case", reason, idempotency_key="unmasked")
    assert [reply for reply in replies if trace.lower() in reply.lower()] == []
    assert sum("case_id" in reply for reply in replies) >= 10
    assert await tables_with(owner, trace) == before
    case = await service.call("get_scenario_case", {"case_id": case_id})
    assert trace.lower() not in json.dumps(case, ensure_ascii=False).lower()


async def test_the_python_client_masks_what_only_people_would_know(
    owner: asyncpg.Connection, service: Session, open_case: Any
) -> None:
    case_id = (await open_case())["case_id"]
    client = Client(service)
    for text, trace in (
        ("Devi d/o Raman came along", "raman"),
        ("kim (at) example (dot) com", "example (dot)"),
        ("7 Jalan Besar", "jalan besar"),
        ("from 192.168.10.4", "192.168"),
        ("I am Farhana", "farhana"),
    ):
        await client.record_event(
            case_id, {"event_type": "chat", "payload": {"message": text, "own": [text]}}
        )
        await client.record_ai_entry(
            case_id,
            {"entry_type": "shown", "model": "m", "prompt_hash": "0f" * 32, "content": {"text": text}},
        )
        assert await tables_with(owner, trace) == set()
    await client.record_outcome(case_id, {"decision": "lost", "notes": "Devi d/o Raman came along"})
    assert await tables_with(owner, "raman") == set()
