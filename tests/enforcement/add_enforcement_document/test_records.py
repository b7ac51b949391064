"""A stored file becomes a case's document once, wherever the case stands, and the history says who brought it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import DEBTOR
from tests.support.refusals import refusal, wrong_fields

ADD = "add_enforcement_document"
FILE = {"doc_kind": "court_order", "content_type": "application/pdf", "size_bytes": 10, "sha256": "a" * 64}


async def planned(session: Session, case_id: str, **changes: Any) -> dict[str, Any]:
    """What is sent for a file of a case, with the path that was planned for it."""
    plan = await session.call(
        "plan_enforcement_document", {"payload": {"case_id": case_id, "doc_kind": "court_order"}}
    )
    return {"case_id": case_id, **FILE, **plan, **changes}


async def test_the_row_tells_all_of_the_file(
    owner: asyncpg.Connection, api: Database, service: Session, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    payload = await planned(
        api.session(people.operator), case_id, title=f"Order against {DEBTOR}", person_id=str(people.operator.sub)
    )  # fmt: skip
    document = await service.call(ADD, {"payload": payload})
    row = await owner.fetchrow("select * from enforcement_documents")
    assert row is not None
    assert document == {
        **FILE,
        "document_id": str(row["id"]),
        "case_id": case_id,
        "event_id": None,
        "title": "Order against [subject]",
        "storage_path": payload["storage_path"],
        "is_ours": True,
        "metadata": {"title": "Order against [subject]"},
        "uploaded_by": f"user:{people.operator.sub}",
        "uploaded_at": document["uploaded_at"],
        "is_repeat": False,
    }
    history = await owner.fetchrow("select * from enforcement_history where change = 'document_added'")
    assert history is not None
    assert json.loads(history["delta"]) == {"document": {"from": None, "to": "court_order"}}
    assert (history["actor"], history["actor_type"]) == (f"user:{people.operator.sub}", "user")


async def test_fifty_uploads_of_one_file_are_one_document(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    payloads = [await planned(service, case_id) for _ in range(50)]
    documents = await asyncio.gather(*(service.call(ADD, {"payload": payload}) for payload in payloads))
    assert len({document["document_id"] for document in documents}) == 1
    assert len({document["storage_path"] for document in documents}) == 1
    assert [document["is_repeat"] for document in documents].count(False) == 1
    assert await owner.fetchval("select count(*) from enforcement_documents") == 1


async def test_the_same_file_can_be_two_things(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for doc_kind in ("court_order", "proof_of_service"):
        await service.call(ADD, {"payload": await planned(service, case_id, doc_kind=doc_kind)})
    assert await owner.fetchval("select count(*) from enforcement_documents") == 2


async def test_a_closed_case_takes_its_satisfaction(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "satisfied"}})
    await service.call(ADD, {"payload": await planned(service, case_id, doc_kind="satisfaction")})
    assert await owner.fetchval("select doc_kind from enforcement_documents") == "satisfaction"


async def test_an_event_is_proved_by_it(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    document = await service.call(ADD, {"payload": await planned(service, case_id)})
    event = {"case_id": case_id, "event_kind": "bank_levy_filed", "document_path": document["storage_path"]}
    event_id = await service.call("log_enforcement_event", {"payload": event})
    rows = await owner.fetch("select id::text, event_id::text from enforcement_documents")
    assert [tuple(row) for row in rows] == [(document["document_id"], event_id)]


async def test_more_than_five_hundred_are_refused(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await owner.execute(
        """
        insert into enforcement_documents (tenant_id, enforcement_case_id, doc_kind, storage_path, uploaded_by)
        select c.tenant_id, c.id, 'letter', 'letters/' || n, 'test'
        from enforcement_cases c, generate_series(1, 500) n
        """
    )
    error = await refusal(owner, service, ADD, await planned(service, case_id))
    assert (error.status, error.code, error.detail) == (409, "too_many_documents", {"limit": 500})


@pytest.mark.parametrize("who", ["admin", "operator", "member", "other_operator", "stranger"])
async def test_no_person_writes_one(
    owner: asyncpg.Connection,
    api: Database,
    service: Session,
    people: People,
    open_case: OpenCase,
    who: str,
) -> None:
    """Else somebody could name the digest of a file that is about to come, which would then be thrown away."""
    payload = await planned(service, await open_case())
    assert (await refusal(owner, api.session(getattr(people, who)), ADD, payload)).status == 403


async def test_events_papers_kept_elsewhere_count_too(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for n in range(500):
        event = {"case_id": case_id, "event_kind": "note", "document_path": f"court/{n}.pdf"}
        await service.call("log_enforcement_event", {"payload": event})
    await service.call("log_enforcement_event", {"payload": event})
    for function, changes in (
        ("log_enforcement_event", {"event_kind": "note"}),
        ("issue_subpoena", {}),
        ("record_enforcement_payment", {"amount": 1, "source": "wire"}),
    ):
        payload = {"case_id": case_id, "document_path": "court/another.pdf", **changes}
        error = await refusal(owner, service, function, payload)
        assert (error.status, error.code) == (409, "too_many_documents")


async def test_a_path_that_was_not_planned_for_the_case_is_refused(
    owner: asyncpg.Connection,
    service: Session,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    case_id, other_case = await open_case(), await open_case()
    foreign = await open_case(await make_judgment(tenant_id=people.other_tenant))
    for path in (
        (await planned(service, other_case))["storage_path"],
        (await planned(service, foreign))["storage_path"],
        f"enforcement/{people.default_tenant}/{case_id}/../x",
        f"court/{uuid4()}",
    ):
        payload = await planned(service, case_id, storage_path=path)
        assert wrong_fields(await refusal(owner, service, ADD, payload)) == ["storage_path"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"doc_kind": "Court order"}, "doc_kind"),
        ({"doc_kind": None}, "doc_kind"),
        ({"content_type": "text/html"}, "content_type"),
        ({"content_type": "image/svg+xml"}, "content_type"),
        ({"size_bytes": 0}, "size_bytes"),
        ({"size_bytes": 1.5}, "size_bytes"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"title": "x" * 201}, "title"),
        ({"actor": "x" * 121}, "actor"),
        ({"person_id": "somebody"}, "person_id"),
        ({"uploaded_at": "2026-01-01T00:00:00Z"}, "uploaded_at"),
    ],
)
async def test_a_payload_that_breaks_a_rule_is_refused(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = await planned(service, await open_case(), **changes)
    assert wrong_fields(await refusal(owner, service, ADD, payload)) == [field]
