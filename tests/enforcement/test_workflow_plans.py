"""Work on one case reads that case alone, among many; the nightly round reads each case once."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.enforcement.reads import COUNT, assert_few, call, rows_read

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_enforcement_cases")


async def a_case(many: asyncpg.Connection) -> str:
    """An open case with actions, documents and a task."""
    case_id = await many.fetchval(
        """
        select c.id::text from enforcement_cases c
        join enforcement_actions a on a.enforcement_case_id = c.id
        join enforcement_documents d on d.enforcement_case_id = c.id
        where c.closed_at is null and c.current_balance > 0 limit 1
        """
    )
    assert isinstance(case_id, str)
    return case_id


@pytest.mark.parametrize(
    ("function", "payload"),
    [
        (
            "log_enforcement_event",
            {"event_kind": "marshal_attempted", "payload": {"address": "1 Main Street"}},
        ),
        ("queue_enforcement_action", {"action_type": "bank_levy", "status": "completed"}),
        ("queue_enforcement_action", {"action_type": "marshal", "status": "queued"}),
        ("issue_subpoena", {"document_path": "court/subpoena.pdf"}),
        ("plan_enforcement_document", {"doc_kind": "court_order"}),
    ],
)
async def test_a_write_reads_its_case(
    many: asyncpg.Connection, function: str, payload: dict[str, Any]
) -> None:
    case_id = await a_case(many)
    _, counted = await rows_read(many, function, {"payload": {"case_id": case_id, **payload}})
    assert_few(counted, at_most=40)


async def test_a_response_reads_its_case(many: asyncpg.Connection) -> None:
    case_id = await a_case(many)
    subpoena = {"case_id": case_id, "document_path": "court/subpoena.pdf"}
    await call(many, "issue_subpoena", {"payload": subpoena})
    _, counted = await rows_read(many, "record_subpoena_response", {"payload": {"case_id": case_id}})
    assert_few(counted, at_most=40)


async def test_documents_are_read_by_their_case_and_id(many: asyncpg.Connection) -> None:
    listed, counted = await rows_read(many, "list_enforcement_documents", {"case_id": await a_case(many)})
    assert_few(counted, at_most=4)
    document_id = listed["items"][0]["document_id"]
    _, counted = await rows_read(many, "open_enforcement_document", {"document_id": document_id})
    assert_few(counted, at_most=10)


async def test_orphans_are_looked_up_by_path(many: asyncpg.Connection) -> None:
    paths = [row[0] for row in await many.fetch("select storage_path from enforcement_documents limit 100")]
    found, counted = await rows_read(
        many, "find_orphan_enforcement_documents", {"paths": [*paths, paths[0] + "x"]}
    )
    assert found == [paths[0] + "x"]
    assert_few(counted, at_most=200)


async def test_the_next_action_reads_its_case(many: asyncpg.Connection) -> None:
    _, counted = await rows_read(many, "open_next_enforcement_action", {"case_id": await a_case(many)})
    assert_few(counted, at_most=30)


async def test_fanning_out_reads_what_it_tells(many: asyncpg.Connection) -> None:
    case_ids = await many.fetch("select id::text from enforcement_cases where closed_at is null limit 20")
    for row in case_ids:
        event = {"case_id": row["id"], "event_kind": "note"}
        await call(many, "log_enforcement_event", {"payload": event})
    told, counted = await rows_read(many, "fan_out_enforcement_events", {"batch_limit": 10})
    assert told == {"fanned_out": 10, "set_aside": 0, "is_more": True}
    assert_few(counted, at_most=60)


async def test_the_nightly_round_goes_through_the_cases_once(many: asyncpg.Connection) -> None:
    """In the order of ids, so that no batch passes the cases of an earlier one."""
    after, read, opened = None, 0, 0
    while True:
        # So few of them that looking each up is clearly less than reading all.
        page = {"after": after, "batch_limit": COUNT // 100}
        told, counted = await rows_read(many, "open_due_enforcement_actions", page)
        assert counted["enforcement_cases"][0] == 0
        read, opened, after = read + counted["enforcement_cases"][1], opened + told["opened"], told["after"]
        if after is None:
            break
    assert opened > COUNT / 4
    # Twice for the round itself; what is written besides looks its case up to check its keys.
    assert read < 2 * COUNT + 4 * opened
