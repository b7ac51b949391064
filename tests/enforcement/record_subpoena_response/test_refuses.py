"""A response that may not be recorded leaves everything as it was."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields


@pytest.fixture
async def case_id(service: Session, open_case: OpenCase) -> str:
    """A case whose subpoena is out."""
    opened = await open_case()
    await service.call(
        "issue_subpoena", {"payload": {"case_id": opened, "document_path": "court/subpoena.pdf"}}
    )
    return opened


async def test_of_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "record_subpoena_response", {"case_id": str(uuid4())})
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
    owner: asyncpg.Connection, api: Database, people: People, case_id: str, who: str, status: int, code: str
) -> None:
    session = api.session(getattr(people, who))
    error = await refusal(owner, session, "record_subpoena_response", {"case_id": case_id})
    assert (error.status, error.code) == (status, code)


async def test_of_a_closed_case(owner: asyncpg.Connection, service: Session, case_id: str) -> None:
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(owner, service, "record_subpoena_response", {"case_id": case_id})
    assert (error.status, error.code) == (409, "case_closed")


async def test_of_a_subpoena_that_is_not_out(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    error = await refusal(owner, service, "record_subpoena_response", {"case_id": case_id})
    assert (error.status, error.code) == (409, "subpoena_not_issued")
    queued = {"case_id": case_id, "action_type": "subpoena", "status": "queued"}
    await service.call("queue_enforcement_action", {"payload": queued})
    error = await refusal(owner, service, "record_subpoena_response", {"case_id": case_id})
    assert (error.status, error.code) == (409, "subpoena_not_issued")


async def test_all_but_one_of_fifty_at_once(
    owner: asyncpg.Connection, service: Session, case_id: str
) -> None:
    calls = [service.call("record_subpoena_response", {"payload": {"case_id": case_id}}) for _ in range(50)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, RpcError)]
    assert len(refused) == 49
    assert {(error.status, error.code) for error in refused} == {(409, "subpoena_not_issued")}
    assert await owner.fetchval("select count(*) from enforcement_events") == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": "7"}, "case_id"),
        ({"outcome": "lost"}, "outcome"),
        ({"received_at": "2999-01-01T00:00:00Z"}, "received_at"),
        ({"document_path": "a/../b"}, "document_path"),
        ({"note": "x" * 2001}, "note"),
        ({"metadata": 1}, "metadata"),
        ({"review_due_at": "2020-01-01T00:00:00Z"}, "review_due_at"),
        ({"review_due_at": "2999-01-01T00:00:00Z"}, "review_due_at"),
        ({"actor": "x" * 121}, "actor"),
        ({"status": "completed"}, "status"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, case_id: str, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": case_id, **changes}
    assert wrong_fields(await refusal(owner, service, "record_subpoena_response", payload)) == [field]
