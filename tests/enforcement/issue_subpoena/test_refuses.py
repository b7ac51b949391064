"""A subpoena that may not be issued leaves everything as it was."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields

PAPER = {"document_path": "court/subpoena.pdf"}


async def test_of_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "issue_subpoena", {"case_id": str(uuid4()), **PAPER})
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
    payload = {"case_id": await open_case(), **PAPER}
    error = await refusal(owner, api.session(getattr(people, who)), "issue_subpoena", payload)
    assert (error.status, error.code) == (status, code)


async def test_of_a_closed_case(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(owner, service, "issue_subpoena", {"case_id": case_id, **PAPER})
    assert (error.status, error.code) == (409, "case_closed")


@pytest.mark.parametrize("outcome", [None, "partly_complied"])
async def test_while_one_is_out(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, outcome: str | None
) -> None:
    payload = {"case_id": await open_case(), **PAPER}
    await service.call("issue_subpoena", {"payload": payload})
    if outcome is not None:
        await service.call(
            "record_subpoena_response", {"payload": {"case_id": payload["case_id"], "outcome": outcome}}
        )
    error = await refusal(owner, service, "issue_subpoena", payload)
    assert (error.status, error.code) == (409, "subpoena_already_issued")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": "7"}, "case_id"),
        ({"document_path": None}, "document_path"),
        ({"document_path": "/etc/passwd"}, "document_path"),
        ({"document_path": "enforcement/nobody/a"}, "document_path"),
        ({"document_metadata": "text"}, "document_metadata"),
        ({"recipient": ""}, "recipient"),
        ({"issued_at": "2999-01-01T00:00:00Z"}, "issued_at"),
        ({"response_due_at": "2020-01-01T00:00:00Z"}, "response_due_at"),
        ({"response_due_at": "2999-01-01T00:00:00Z"}, "response_due_at"),
        ({"metadata": "text"}, "metadata"),
        ({"actor": "x" * 121}, "actor"),
        ({"status": "issued"}, "status"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": await open_case(), **PAPER, **changes}
    assert wrong_fields(await refusal(owner, service, "issue_subpoena", payload)) == [field]
