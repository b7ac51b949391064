"""Plaintiffs and debtors are linked to their entity, and only to one."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment
from tests.support.refusals import refusal


async def test_a_plaintiff_and_a_debtor(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await owner.execute("update judgments set defendant_entity_id = null, defendant_mask = 'Unknown'")
    company = {"kind": "company", "name": "Harbor Supply LLC", "plaintiff_id": str(judgment.plaintiff_id)}
    debtor = {"kind": "person", "name": "Robin Osprey", "judgment_id": str(judgment.id)}
    for payload in (company, debtor, company, debtor):
        answer = await service.call("insert_or_get_entity", {"payload": payload})
    row = await owner.fetchrow(
        "select p.entity_id, j.defendant_entity_id, j.defendant_mask "
        "from judgments j join plaintiffs p on p.id = j.plaintiff_id"
    )
    assert row is not None
    assert row["entity_id"] is not None
    assert (str(row["defendant_entity_id"]), row["defendant_mask"]) == (answer["entity_id"], "RO")


async def test_what_is_linked_already_stays(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment, other = await make_judgment(), await make_judgment()
    payload = {"kind": "company", "name": "Harbor Supply LLC", "plaintiff_id": str(judgment.plaintiff_id)}
    await service.call("insert_or_get_entity", {"payload": payload})
    for changes in (
        {"name": "Another LLC"},
        {"plaintiff_id": str(other.plaintiff_id)},
        {"plaintiff_id": None, "judgment_id": str(judgment.id), "name": "Another Debtor"},
    ):
        error = await refusal(owner, service, "insert_or_get_entity", {**payload, **changes})
        assert (error.status, error.code) == (409, "entity_already_linked")
