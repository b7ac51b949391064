"""A case that may not be closed stays as it is."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields


async def test_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    payload = {"case_id": str(uuid4()), "status": "satisfied"}
    error = await refusal(owner, service, "close_enforcement_case", payload)
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
    payload = {"case_id": await open_case(), "status": "withdrawn"}
    error = await refusal(owner, api.session(getattr(people, who)), "close_enforcement_case", payload)
    assert (error.status, error.code) == (status, code)


async def test_a_second_time(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(
        owner, service, "close_enforcement_case", {"case_id": case_id, "status": "satisfied"}
    )
    assert (error.status, error.code, error.detail) == (409, "case_closed", {"field": "case_id"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": None}, "case_id"),
        ({"case_id": "7"}, "case_id"),
        ({"status": None}, "status"),
        ({"status": "open"}, "status"),
        ({"status": "paid"}, "status"),
        ({"note": "x" * 2001}, "note"),
        ({"closed_by": 7}, "closed_by"),
        ({"actor": "me"}, "actor"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": await open_case(), "status": "satisfied", **changes}
    assert wrong_fields(await refusal(owner, service, "close_enforcement_case", payload)) == [field]
