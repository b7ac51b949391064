"""An override that may not be set leaves the tier as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields

NOW = datetime.now(UTC)
OVERRIDE: dict[str, Any] = {
    "tier": "tier3",
    "expires_at": (NOW + timedelta(days=30)).isoformat(),
    "note": "a house is for sale",
}


async def test_of_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "override_enforcement_tier", {**OVERRIDE, "case_id": str(uuid4())})
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
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    open_case: OpenCase,
    who: str,
    status: int,
    code: str,
) -> None:
    payload = {**OVERRIDE, "case_id": await open_case()}
    error = await refusal(owner, api.session(getattr(people, who)), "override_enforcement_tier", payload)
    assert (error.status, error.code) == (status, code)


async def test_of_a_closed_case(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(owner, service, "override_enforcement_tier", {**OVERRIDE, "case_id": case_id})
    assert (error.status, error.code) == (409, "case_closed")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": "7"}, "case_id"),
        ({"tier": None}, "tier"),
        ({"tier": "tier9"}, "tier"),
        ({"expires_at": None}, "expires_at"),
        ({"expires_at": "never"}, "expires_at"),
        ({"expires_at": (NOW - timedelta(seconds=1)).isoformat()}, "expires_at"),
        ({"expires_at": (NOW + timedelta(days=367)).isoformat()}, "expires_at"),
        ({"note": None}, "note"),
        ({"note": " \n"}, "note"),
        ({"note": "x" * 2001}, "note"),
        ({"actor": "x" * 121}, "actor"),
        ({"score": 90}, "score"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = {**OVERRIDE, "case_id": await open_case(), **changes}
    assert wrong_fields(await refusal(owner, service, "override_enforcement_tier", payload)) == [field]
