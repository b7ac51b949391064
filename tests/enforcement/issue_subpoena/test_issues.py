"""A subpoena is issued: action, event, document and the task of its response come together."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.enforcement.judgments import DEBTOR

PAPER = {"document_path": "court/subpoena.pdf"}


async def test_everything_comes_together(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    answered = await api.session(people.operator).call(
        "issue_subpoena",
        {
            "payload": {
                "case_id": case_id,
                **PAPER,
                "document_metadata": {"pages": 3, "about": DEBTOR},
                "recipient": "First Harbor Bank",
                "issued_at": "2026-03-04T09:00:00Z",
                "response_due_at": "2026-03-11T09:00:00Z",
                "metadata": {"index_number": "2024/118"},
            }
        },
    )
    actor = f"user:{people.operator.sub}"
    action = await owner.fetchrow("select * from enforcement_actions")
    assert action is not None
    assert (str(action["id"]), action["action_type"], action["status"]) == (
        answered["action_id"],
        "subpoena",
        "issued",
    )
    assert json.loads(action["metadata"]) == {
        "index_number": "2024/118",
        "recipient": "First Harbor Bank",
        "issued_at": "2026-03-04T09:00:00+00:00",
        "response_due_at": "2026-03-11T09:00:00+00:00",
    }
    event = await owner.fetchrow("select * from enforcement_events")
    assert event is not None
    assert (str(event["id"]), event["event_kind"]) == (answered["event_id"], "subpoena_issued")
    assert (event["document_path"], event["actor"]) == (PAPER["document_path"], actor)
    assert event["occurred_at"] == datetime(2026, 3, 4, 9, tzinfo=UTC)
    document = await owner.fetchrow("select * from enforcement_documents")
    assert document is not None
    assert (str(document["id"]), document["event_id"]) == (answered["document_id"], event["id"])
    assert json.loads(document["metadata"]) == {"pages": 3, "about": "[subject]"}
    task = await owner.fetchrow("select * from plaintiff_tasks")
    assert task is not None
    assert (str(task["id"]), task["kind"], task["status"]) == (
        answered["task_id"],
        "subpoena_response",
        "open",
    )
    assert task["due_at"] == datetime(2026, 3, 11, 9, tzinfo=UTC)


async def test_a_response_is_due_in_three_weeks_unless_told(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    answered = await service.call("issue_subpoena", {"payload": {"case_id": await open_case(), **PAPER}})
    due, issued = await owner.fetchrow(
        "select t.due_at, e.occurred_at from plaintiff_tasks t, enforcement_events e"
    )
    assert due - issued == timedelta(days=21)
    assert datetime.fromisoformat(answered["response_due_at"]) == due


async def test_a_queued_one_is_taken_up(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    queued = {
        "case_id": case_id,
        "action_type": "subpoena",
        "status": "queued",
        "metadata": {"bank": "First Harbor"},
    }
    action_id = await service.call("queue_enforcement_action", {"payload": queued})
    answered = await service.call("issue_subpoena", {"payload": {"case_id": case_id, **PAPER}})
    assert answered["action_id"] == action_id
    kept = await owner.fetchrow("select status, metadata ->> 'bank' from enforcement_actions")
    assert kept is not None
    assert tuple(kept) == ("issued", "First Harbor")


async def test_one_that_went_unanswered_is_issued_again(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    first = await service.call("issue_subpoena", {"payload": {"case_id": case_id, **PAPER}})
    await service.call(
        "record_subpoena_response", {"payload": {"case_id": case_id, "outcome": "not_complied"}}
    )
    again = await service.call("issue_subpoena", {"payload": {"case_id": case_id, **PAPER}})
    assert again["action_id"] == first["action_id"]
    assert again["task_id"] != first["task_id"]
    kinds = await owner.fetch("select event_kind::text from enforcement_events order by position")
    assert [row[0] for row in kinds] == ["subpoena_issued", "note", "subpoena_issued"]
