"""An action that may not be queued leaves everything as it was."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields

LEVY = {"action_type": "bank_levy", "status": "queued"}


async def test_of_an_unknown_case(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "queue_enforcement_action", {"case_id": str(uuid4()), **LEVY})
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
    payload = {"case_id": await open_case(), **LEVY}
    error = await refusal(owner, api.session(getattr(people, who)), "queue_enforcement_action", payload)
    assert (error.status, error.code) == (status, code)


async def test_of_a_closed_case(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    error = await refusal(owner, service, "queue_enforcement_action", {"case_id": case_id, **LEVY})
    assert (error.status, error.code) == (409, "case_closed")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"case_id": "7"}, "case_id"),
        ({"case_id": None}, "case_id"),
        ({"action_type": None}, "action_type"),
        ({"action_type": "eviction"}, "action_type"),
        ({"status": None}, "status"),
        ({"status": "In progress"}, "status"),
        ({"status": "x" * 41}, "status"),
        ({"status_reason": "x" * 2001}, "status_reason"),
        ({"metadata": [1]}, "metadata"),
        ({"metadata": {"a": "x" * 20000}}, "metadata"),
        ({"actor": "x" * 121}, "actor"),
        ({"stage": "marshal"}, "stage"),
    ],
)
async def test_with_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": await open_case(), **LEVY, **changes}
    assert wrong_fields(await refusal(owner, service, "queue_enforcement_action", payload)) == [field]
