"""A response brings action and tasks up to date and has somebody review it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase

TASKS = "select kind, status::text from plaintiff_tasks order by kind"


@pytest.fixture
async def case_id(service: Session, open_case: OpenCase) -> str:
    """A case whose subpoena is out."""
    opened = await open_case()
    await service.call(
        "issue_subpoena", {"payload": {"case_id": opened, "document_path": "court/subpoena.pdf"}}
    )
    return opened


async def test_compliance_ends_the_action(owner: asyncpg.Connection, service: Session, case_id: str) -> None:
    answered = await service.call(
        "record_subpoena_response",
        {
            "payload": {
                "case_id": case_id,
                "received_at": "2026-03-10T12:00:00Z",
                "document_path": "court/answer.pdf",
                "note": "Two accounts named",
                "metadata": {"accounts": 2},
                "actor": "mail room",
            }
        },
    )
    action = await owner.fetchrow("select * from enforcement_actions")
    assert action is not None
    assert (answered["action_id"], answered["status"]) == (str(action["id"]), "completed")
    assert (action["status"], action["status_reason"]) == ("completed", "Two accounts named")
    assert action["closed_at"] is not None
    assert json.loads(action["metadata"])["accounts"] == 2
    event = await owner.fetchrow("select * from enforcement_events where event_kind = 'subpoena_complied'")
    assert event is not None
    assert event["document_path"] == "court/answer.pdf"
    assert event["occurred_at"] == datetime(2026, 3, 10, 12, tzinfo=UTC)
    response = await owner.fetchrow("select * from plaintiff_tasks where kind = 'subpoena_response'")
    assert response is not None
    assert (response["status"], response["closed_by"]) == ("done", "mail room")
    assert event["related_task_id"] == response["id"]
    review = await owner.fetchrow("select * from plaintiff_tasks where kind = 'subpoena_review'")
    assert review is not None
    assert (str(review["id"]), review["status"]) == (answered["review_task_id"], "open")
    assert review["due_at"] - event["occurred_at"] == timedelta(days=3)
    assert datetime.fromisoformat(answered["review_due_at"]) == review["due_at"]


async def test_part_of_it_leaves_the_rest_owed(
    owner: asyncpg.Connection, service: Session, case_id: str
) -> None:
    """Two parts and the whole in the end are one review."""
    reviews = [
        (
            await service.call(
                "record_subpoena_response", {"payload": {"case_id": case_id, "outcome": outcome}}
            )
        )["review_task_id"]
        for outcome in ("partly_complied", "partly_complied", "complied")
    ]
    assert len(set(reviews)) == 1
    assert [tuple(row) for row in await owner.fetch(TASKS)] == [
        ("subpoena_response", "done"),
        ("subpoena_review", "open"),
    ]
    kinds = await owner.fetch("select event_kind::text from enforcement_events order by position")
    assert [row[0] for row in kinds] == ["subpoena_issued", "note", "note", "subpoena_complied"]
    assert await owner.fetchval("select count(*) from enforcement_actions where closed_at is not null") == 1


async def test_silence_leaves_the_action_open(
    owner: asyncpg.Connection, service: Session, case_id: str
) -> None:
    answered = await service.call(
        "record_subpoena_response",
        {"payload": {"case_id": case_id, "outcome": "not_complied", "review_due_at": "2027-01-05T09:00:00Z"}},
    )
    assert answered["status"] == "not_complied"
    action = await owner.fetchrow("select status, closed_at from enforcement_actions")
    assert action is not None
    assert tuple(action) == ("not_complied", None)
    event = await owner.fetchrow(
        "select event_kind, payload from enforcement_events where event_kind = 'note'"
    )
    assert event is not None
    assert json.loads(event["payload"])["outcome"] == "not_complied"
    assert await owner.fetchval(
        "select due_at from plaintiff_tasks where kind = 'subpoena_review'"
    ) == datetime(2027, 1, 5, 9, tzinfo=UTC)


async def test_an_answer_can_come_after_silence(service: Session, case_id: str) -> None:
    for outcome, status in (("not_complied", "not_complied"), ("complied", "completed")):
        answered = await service.call(
            "record_subpoena_response", {"payload": {"case_id": case_id, "outcome": outcome}}
        )
        assert answered["status"] == status
