"""A subpoena is issued by issue_subpoena alone; when it ends, nobody waits for its response any more."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase
from tests.support.refusals import refusal, wrong_fields


async def tasks(owner: asyncpg.Connection) -> list[tuple[Any, ...]]:
    rows = await owner.fetch(
        "select kind, status::text, closed_by from plaintiff_tasks order by created_at, kind"
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("is_queued", [True, False])
async def test_is_not_issued_by_its_status(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, is_queued: bool
) -> None:
    subpoena = {"case_id": await open_case(), "action_type": "subpoena"}
    if is_queued:
        await service.call("queue_enforcement_action", {"payload": {**subpoena, "status": "queued"}})
    error = await refusal(owner, service, "queue_enforcement_action", {**subpoena, "status": "issued"})
    assert wrong_fields(error) == ["status"]
    assert "issue_subpoena" in error.detail["errors"][0]["message"]


async def test_other_actions_may_be_issued(service: Session, open_case: OpenCase) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy", "status": "issued"}
    assert await service.call("queue_enforcement_action", {"payload": levy})


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_its_end_cancels_the_task_of_the_response(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, status: str
) -> None:
    case_id, neighbour = await open_case(), await open_case()
    for case in (case_id, neighbour):
        paper = {"case_id": case, "document_path": "court/subpoena.pdf"}
        await service.call("issue_subpoena", {"payload": paper})
    ended = {"case_id": case_id, "action_type": "subpoena", "status": status, "actor": "desk"}
    await service.call("queue_enforcement_action", {"payload": ended})
    assert await tasks(owner) == [
        ("subpoena_response", "cancelled", "desk"),
        ("subpoena_response", "open", None),
    ]


async def test_its_end_leaves_the_review_of_what_came(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await service.call(
        "issue_subpoena", {"payload": {"case_id": case_id, "document_path": "court/subpoena.pdf"}}
    )
    await service.call(
        "record_subpoena_response", {"payload": {"case_id": case_id, "outcome": "partly_complied"}}
    )
    ended = {"case_id": case_id, "action_type": "subpoena", "status": "cancelled"}
    await service.call("queue_enforcement_action", {"payload": ended})
    assert [task[:2] for task in await tasks(owner)] == [
        ("subpoena_response", "cancelled"),
        ("subpoena_review", "open"),
    ]


async def test_the_end_of_another_action_leaves_it(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await service.call(
        "issue_subpoena", {"payload": {"case_id": case_id, "document_path": "court/subpoena.pdf"}}
    )
    for status in ("queued", "cancelled"):
        levy = {"case_id": case_id, "action_type": "bank_levy", "status": status}
        await service.call("queue_enforcement_action", {"payload": levy})
    assert await tasks(owner) == [("subpoena_response", "open", None)]
