"""An event that may not be written leaves everything as it was."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields

FILINGS = [
    *("bank_levy_filed", "bank_levy_served", "garnishment_order_signed", "garnishment_served"),
    *("subpoena_issued", "marshal_assigned"),
]


async def test_of_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    payload = {"case_id": str(uuid4()), "event_kind": "note"}
    error = await refusal(owner, service, "log_enforcement_event", payload)
    assert (error.status, error.code, error.detail) == (404, "case_not_found", {"field": "case_id"})


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("other_operator", 404, "case_not_found"),
        ("stranger", 404, "case_not_found"),
        ("member", 403, "operator_required"),
    ],
)
async def test_by_whoever_may_not(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    open_case: OpenCase,
    who: str,
    status: int,
    code: str,
) -> None:
    payload = {"case_id": await open_case(), "event_kind": "note"}
    error = await refusal(owner, api.session(getattr(people, who)), "log_enforcement_event", payload)
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize("kind", FILINGS)
async def test_a_filing_without_its_document(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, kind: str
) -> None:
    payload = {"case_id": await open_case(), "event_kind": kind}
    assert wrong_fields(await refusal(owner, service, "log_enforcement_event", payload)) == ["document_path"]


@pytest.mark.parametrize("path", ["", "/etc/passwd", "a//b", "a/../b", "./a", "a\\b", "a\nb", "x" * 401])
async def test_a_path_that_is_no_key(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, path: str
) -> None:
    payload = {"case_id": await open_case(), "event_kind": "note", "document_path": path}
    assert wrong_fields(await refusal(owner, service, "log_enforcement_event", payload)) == ["document_path"]


async def test_a_file_of_our_store_that_is_not_the_cases(
    owner: asyncpg.Connection, service: Session, people: People, open_case: OpenCase
) -> None:
    case_id, other_case = await open_case(), await open_case()
    planned = await service.call(
        "plan_enforcement_document", {"payload": {"case_id": other_case, "doc_kind": "order"}}
    )
    row = {"content_type": "image/png", "size_bytes": 1, "sha256": "a" * 64, **planned}
    await service.call(
        "add_enforcement_document", {"payload": {"case_id": other_case, "doc_kind": "order", **row}}
    )
    for path in (
        planned["storage_path"],
        f"enforcement/{people.default_tenant}/{case_id}/{uuid4()}",
        f"enforcement/{people.other_tenant}/{case_id}/{uuid4()}",
    ):
        payload = {"case_id": case_id, "event_kind": "note", "document_path": path}
        error = await refusal(owner, service, "log_enforcement_event", payload)
        assert wrong_fields(error) == ["document_path"]


@pytest.mark.parametrize(
    ("kind", "rpc"),
    [("case_stage_changed", "set_enforcement_stage"), ("payment_received", "record_enforcement_payment")],
)
async def test_a_kind_that_has_an_rpc_of_its_own(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, kind: str, rpc: str
) -> None:
    payload = {"case_id": await open_case(), "event_kind": kind}
    error = await refusal(owner, service, "log_enforcement_event", payload)
    assert wrong_fields(error) == ["event_kind"]
    assert rpc in error.detail["errors"][0]["message"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": "7"}, "case_id"),
        ({"case_id": None}, "case_id"),
        ({"event_kind": None}, "event_kind"),
        ({"event_kind": "bankruptcy"}, "event_kind"),
        ({"payload": "text"}, "payload"),
        ({"payload": {"text": "x" * 20000}}, "payload"),
        ({"related_task_id": "7"}, "related_task_id"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "1926-01-01T00:00:00Z"}, "occurred_at"),
        ({"actor": "x" * 121}, "actor"),
        ({"stage": "marshal"}, "stage"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": await open_case(), "event_kind": "note", **changes}
    assert wrong_fields(await refusal(owner, service, "log_enforcement_event", payload)) == [field]
