"""An event is written once, by whom the token names, without the debtor's details, and its document is kept."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE


async def test_an_event_holds_what_was_told(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    event_id = await api.session(people.operator).call(
        "log_enforcement_event",
        {
            "payload": {
                "case_id": case_id,
                "event_kind": "bank_levy_filed",
                "payload": {"bank": "First Harbor", "amount": 1200.5},
                "document_path": "court/levies/filed.pdf",
                "occurred_at": "2026-03-04T15:00:00-05:00",
                "actor": "somebody else",
            }
        },
    )
    event = await owner.fetchrow("select * from enforcement_events where id = $1", event_id)
    assert event is not None
    assert event["event_kind"] == "bank_levy_filed"
    assert json.loads(event["payload"]) == {"bank": "First Harbor", "amount": 1200.5}
    assert event["document_path"] == "court/levies/filed.pdf"
    assert event["occurred_at"] == datetime(2026, 3, 4, 20, tzinfo=UTC)
    assert (event["actor"], event["actor_type"]) == (f"user:{people.operator.sub}", "user")


async def test_the_service_names_who_acts(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    payload = {"case_id": await open_case(), "event_kind": "asset_search_requested", "actor": "skip tracer"}
    await service.call("log_enforcement_event", {"payload": payload})
    event = await owner.fetchrow("select payload, actor, actor_type from enforcement_events")
    assert event is not None
    assert tuple(event) == ("{}", "skip tracer", "rpc")


async def test_the_debtor_is_masked(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    told = {"text": f"{DEBTOR} answered at {DEBTOR_PHONE}", "bank": "First Harbor"}
    payload = {"case_id": await open_case(), "event_kind": "note", "payload": told}
    await service.call("log_enforcement_event", {"payload": payload})
    kept = json.loads(await owner.fetchval("select payload from enforcement_events"))
    assert kept == {"text": "[subject] answered at [subject]", "bank": "First Harbor"}


async def test_its_document_becomes_the_cases(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    """Also when two events rest on one document: it stays the first one's."""
    case_id = await open_case()
    events = [
        await service.call(
            "log_enforcement_event",
            {"payload": {"case_id": case_id, "event_kind": kind, "document_path": "court/order.pdf"}},
        )
        for kind in ("garnishment_order_signed", "garnishment_served")
    ]
    documents = await owner.fetch("select event_id::text, doc_kind, storage_path from enforcement_documents")
    assert [tuple(row) for row in documents] == [(events[0], "garnishment_order_signed", "court/order.pdf")]


@pytest.mark.parametrize(
    "name", ["4c8f1c47-fbc2-4edf-b750-3478647b3e00", "9a4392ce-61f9-4a71-ac97-8ab934703368"]
)
async def test_an_id_that_looks_like_a_number_names_a_document(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, name: str
) -> None:
    case_id = await open_case()
    path = f"filings/{name}.pdf"
    await service.call(
        "log_enforcement_event",
        {"payload": {"case_id": case_id, "event_kind": "note", "document_path": path}},
    )
    assert (
        await owner.fetchval(
            "select document_path from public.enforcement_events where document_path is not null"
        )
        == path
    )


async def test_listeners_are_told_ids_only(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    told: asyncio.Queue[str] = asyncio.Queue()
    await owner.add_listener("enforcement_events_channel", lambda *given: told.put_nowait(given[3]))
    event_id = await service.call(
        "log_enforcement_event",
        {"payload": {"case_id": case_id, "event_kind": "note", "payload": {"text": "a secret"}}},
    )
    async with asyncio.timeout(30):
        notification = json.loads(await told.get())
    tenant_id = await owner.fetchval("select tenant_id::text from enforcement_cases")
    assert notification == {
        "event_id": event_id,
        "case_id": case_id,
        "tenant_id": tenant_id,
        "event_kind": "note",
    }
    assert await owner.fetchval("select count(*) from enforcement.event_outbox") == 1


async def test_an_idempotency_key_writes_one_event(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    arguments = {"payload": {"case_id": await open_case(), "event_kind": "note"}}
    calls = [service.call("log_enforcement_event", arguments, idempotency_key="once") for _ in range(5)]
    assert len(set(await asyncio.gather(*calls))) == 1
    assert await owner.fetchval("select count(*) from enforcement_events") == 1
