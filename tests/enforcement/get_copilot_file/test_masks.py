"""The case file names neither party, nobody whom a payload names, and holds no number of anybody."""

from __future__ import annotations

import json
import re
from typing import Any

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.privacy.detectors import mask_json
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE


async def add_event(owner: asyncpg.Connection, case_id: str, payload: dict[str, Any]) -> None:
    """Write an event past the guard at the door, as one that knew less of the debtor would have let it in."""
    await owner.execute(
        """
        insert into public.enforcement_events (
            tenant_id, enforcement_case_id, event_kind, needs_document, payload, actor, actor_type)
        select tenant_id, id, 'note', false, $2::jsonb, 'test', 'rpc' from public.enforcement_cases where id = $1
        """,
        case_id, json.dumps(payload),
    )  # fmt: skip


async def log(service: Session, case_id: str, kind: str, **payload: Any) -> None:
    """Write an event through the door, as the console does."""
    await service.call(
        "log_enforcement_event", {"payload": {"case_id": case_id, "event_kind": kind, "payload": payload}}
    )


async def test_what_was_learned_later_is_masked_too(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case(notes="A note")
    await add_event(owner, case_id, {"text": f"{DEBTOR} said: ring {DEBTOR_PHONE}, or a@example.com"})
    file = json.dumps(await service.call("get_copilot_file", {"case_id": case_id}))
    for detail in (DEBTOR, "Quillfeather", DEBTOR_PHONE, "a@example.com"):
        assert detail not in file


async def test_parties_are_initials_and_the_docket_has_no_number(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(plaintiff="Harbor Supply LLC")
    file = await service.call("get_copilot_file", {"case_id": await open_case(judgment)})
    number = await owner.fetchval("select case_number from judgments.cases where id = $1", judgment.docket_id)
    assert (file["case"]["debtor"], file["case"]["plaintiff"]) == ("JQ", "HSL")
    assert "Harbor" not in json.dumps(file)
    assert number not in json.dumps(file)


async def test_the_plaintiff_is_masked_in_what_people_wrote(
    service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(plaintiff="Harbor Bank LLC", county="Harbor")
    case_id = await open_case(judgment, notes="HARBOR BANK LLC wants it done; ring Harbor first.")
    await log(service, case_id, "note", text="Harbor's clerk has the papers of the bank")
    await service.call(
        "set_enforcement_stage",
        {"payload": {"case_id": case_id, "stage": "bank_levy", "note": "As harbor bank llc asked"}},
    )
    file = mask_json(await service.call("get_copilot_file", {"case_id": case_id}))
    assert file["case"].pop("county") == "Harbor"
    assert "harbor" not in json.dumps(file).lower()
    assert (file["case"]["stage"], file["case"]["notes"]) == (
        "bank_levy",
        "[subject] wants it done; ring [subject] first.",
    )
    assert [json.loads(e["details"]).get("payload") for e in file["timeline"] if e["kind"] == "note"] == [
        {"text": "[subject]'s clerk has the papers of the bank"}
    ]


async def test_whom_an_event_names_is_left_out(service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await log(
        service, case_id, "marshal_attempted", name="Dale Brandt", reference="Brandt 7", amount=12,
        officer={"name": "Dale Brandt"}, text={"by": "Dale Brandt"}, source="marshal",
    )  # fmt: skip
    file = mask_json(await service.call("get_copilot_file", {"case_id": case_id}))
    assert "Brandt" not in json.dumps(file)
    [told] = [
        json.loads(e["details"])["payload"] for e in file["timeline"] if e["kind"] == "marshal_attempted"
    ]
    assert told == {"amount": 12, "source": "marshal"}


async def test_who_got_a_subpoena_is_left_out(service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await service.call(
        "issue_subpoena",
        {"payload": {"case_id": case_id, "document_path": "papers/subpoena.pdf", "recipient": "Wren Ashgrove",
                     "metadata": {"served_by": "Dale Brandt"}}},
    )  # fmt: skip
    await service.call(
        "record_subpoena_response",
        {"payload": {"case_id": case_id, "outcome": "complied", "metadata": {"signed_by": "Wren Ashgrove"}}},
    )
    file = mask_json(await service.call("get_copilot_file", {"case_id": case_id}))
    assert not {"Ashgrove", "Brandt"} & set(re.findall(r"\w+", json.dumps(file)))
    # What the subpoena is about is told all the same.
    assert {"subpoena_issued", "subpoena_complied", "subpoena"} <= {e["kind"] for e in file["timeline"]}
    assert "response_due_at" in json.dumps(file)


async def test_half_a_number_is_not_left_where_a_long_entry_ends(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await add_event(owner, case_id, {"text": "x" * 975 + " (646) 555-0199"})
    file = await service.call("get_copilot_file", {"case_id": case_id})
    # Ids and microseconds have any three digits in a row sooner or later.
    by_chance = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=:\d\d)\.\d+"
    assert "646" not in re.sub(by_chance, "", json.dumps(file["timeline"]))
