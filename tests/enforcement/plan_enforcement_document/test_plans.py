"""A plan names a path of the case that nobody can guess, and writes nothing."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import refusal, wrong_fields
from tests.support.rows import all_rows

PLAN = "plan_enforcement_document"


async def test_each_path_is_new_and_the_cases(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    before = await all_rows(owner)
    payload = {"payload": {"case_id": case_id, "doc_kind": "court_order"}}
    paths = [(await api.session(people.operator).call(PLAN, payload))["storage_path"] for _ in range(2)]
    assert paths[0] != paths[1]
    assert all(
        re.fullmatch(f"enforcement/{people.default_tenant}/{case_id}/[0-9a-f-]{{36}}", p) for p in paths
    )
    assert await all_rows(owner) == before


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("other_operator", 404, "case_not_found"),
        ("stranger", 404, "case_not_found"),
        ("member", 403, "operator_required"),
    ],
)
async def test_whoever_may_not_act_learns_none(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    open_case: OpenCase,
    who: str,
    status: int,
    code: str,
) -> None:
    payload = {"case_id": await open_case(), "doc_kind": "court_order"}
    error = await refusal(owner, api.session(getattr(people, who)), PLAN, payload)
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"case_id": "7"}, "case_id"), ({"doc_kind": "Order!"}, "doc_kind"), ({"title": "x"}, "title")],
)
async def test_a_payload_that_breaks_a_rule_is_refused(
    owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
) -> None:
    payload = {"case_id": str(uuid4()), "doc_kind": "court_order", **changes}
    assert wrong_fields(await refusal(owner, service, PLAN, payload)) == [field]
