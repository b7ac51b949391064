"""An override that may not be ended stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields


@pytest.fixture
async def case_id(service: Session, open_case: OpenCase) -> str:
    overridden = await open_case()
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    payload = {"case_id": overridden, "tier": "tier3", "expires_at": until, "note": "a house is for sale"}
    await service.call("override_enforcement_tier", {"payload": payload})
    return overridden


async def test_of_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "clear_enforcement_override", {"case_id": str(uuid4())})
    assert (error.status, error.code) == (404, "case_not_found")


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
    error = await refusal(owner, session, "clear_enforcement_override", {"case_id": case_id})
    assert (error.status, error.code) == (status, code)


async def test_of_a_closed_case(owner: asyncpg.Connection, service: Session, case_id: str) -> None:
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(owner, service, "clear_enforcement_override", {"case_id": case_id})
    assert (error.status, error.code) == (409, "case_closed")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": None}, "case_id"),
        ({"case_id": "7"}, "case_id"),
        ({"note": "x" * 2001}, "note"),
        ({"actor": 7}, "actor"),
        ({"tier": "tier1"}, "tier"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, case_id: str, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": case_id, **changes}
    assert wrong_fields(await refusal(owner, service, "clear_enforcement_override", payload)) == [field]
