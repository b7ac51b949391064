"""An action's metadata has a size, and its history holds what changed of it."""

from __future__ import annotations

import json

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase
from tests.support.refusals import refusal, wrong_fields

ACTION = "queue_enforcement_action"


async def test_merged_it_stays_within_bounds(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy", "status": "filed"}
    await service.call(ACTION, {"payload": {**levy, "metadata": {"a": "x" * 9000}}})
    assert wrong_fields(await refusal(owner, service, ACTION, {**levy, "metadata": {"b": "x" * 9000}})) == [
        "metadata"
    ]
    await service.call(ACTION, {"payload": {**levy, "metadata": {"a": "y" * 9000}}})
    await service.call(ACTION, {"payload": {**levy, "status": "completed"}})


async def test_a_full_one_can_still_be_answered(service: Session, open_case: OpenCase) -> None:
    """What the RPCs write themselves always has room."""
    case_id = await open_case()
    metadata = {"a": "x" * 16360}
    subpoena = {"case_id": case_id, "document_path": "a.pdf", "recipient": "R" * 200, "metadata": metadata}
    await service.call("issue_subpoena", {"payload": subpoena})
    await service.call("record_subpoena_response", {"payload": {"case_id": case_id}})


async def test_its_history_holds_what_changed(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy", "status": "filed"}
    for metadata in (
        {"bank": "First Harbor", "branch": 1},
        {"bank": "First Harbor", "branch": 2, "clerk": "B"},
    ):
        await service.call(ACTION, {"payload": {**levy, "metadata": metadata}})
    opened, changed = [
        json.loads(row[0])["bank_levy_metadata"]
        for row in await owner.fetch("select delta from enforcement_history where delta ? 'bank_levy_metadata' order by position")
    ]  # fmt: skip
    assert opened == {"from": None, "to": {"bank": "First Harbor", "branch": 1}}
    assert changed == {"from": {"branch": 1}, "to": {"branch": 2, "clerk": "B"}}


async def test_a_documents_stays_within_bounds_too(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    subpoena = {"case_id": await open_case(), "document_path": "a.pdf"}
    for n in range(5):
        payload = {**subpoena, "document_metadata": {f"k{n}": "x" * 3900}}
        if n == 4:
            assert wrong_fields(await refusal(owner, service, "issue_subpoena", payload)) == [
                "document_metadata"
            ]
            break
        await service.call("issue_subpoena", {"payload": payload})
        cancel = {"case_id": subpoena["case_id"], "action_type": "subpoena", "status": "cancelled"}
        await service.call(ACTION, {"payload": cancel})
