"""The case file names nobody and holds no number of anybody, however it came into the case."""

from __future__ import annotations

import json
from typing import Any

import asyncpg

from casebase.kernel.db import Session
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


async def test_half_a_number_is_not_left_where_a_long_entry_ends(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await add_event(owner, case_id, {"text": "x" * 975 + " (646) 555-0199"})
    file = await service.call("get_copilot_file", {"case_id": case_id})
    assert "646" not in json.dumps(file["timeline"])
