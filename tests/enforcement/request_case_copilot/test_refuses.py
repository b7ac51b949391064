"""A request about a case that is not there, or not the caller's, is no job."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import refused_call
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import wrong_fields


async def test_about_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    error = await refused_call(owner, service, "request_case_copilot", {"case_id": str(uuid4())})
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
    session = api.session(getattr(people, who))
    error = await refused_call(owner, session, "request_case_copilot", {"case_id": await open_case()})
    assert (error.status, error.code) == (status, code)


async def test_by_too_long_a_name(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    call = {"case_id": await open_case(), "requested_by": "x" * 121}
    error = await refused_call(owner, service, "request_case_copilot", call)
    assert wrong_fields(error) == ["requested_by"]
