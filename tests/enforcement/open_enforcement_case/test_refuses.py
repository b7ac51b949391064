"""A judgment that the caller may not enforce, or that is enforced already, stays as it is."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal, wrong_fields


async def test_an_unknown_judgment(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "open_enforcement_case", {"judgment_id": str(uuid4())})
    assert (error.status, error.code, error.detail) == (404, "judgment_not_found", {"field": "judgment_id"})


@pytest.mark.parametrize("who", ["other_operator", "stranger"])
async def test_another_tenants_judgment(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, who: str
) -> None:
    judgment = await make_judgment()
    error = await refusal(
        owner, api.session(getattr(people, who)), "open_enforcement_case", {"judgment_id": str(judgment.id)}
    )
    assert (error.status, error.code, error.detail) == (404, "judgment_not_found", {"field": "judgment_id"})


async def test_a_member_who_does_not_operate(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    error = await refusal(
        owner, api.session(people.member), "open_enforcement_case", {"judgment_id": str(judgment.id)}
    )
    assert (error.status, error.code) == (403, "operator_required")


async def test_whoever_has_no_token(
    owner: asyncpg.Connection, api: Database, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    error = await refusal(
        owner, api.session(ANON), "open_enforcement_case", {"judgment_id": str(judgment.id)}
    )
    assert error.status == 403


async def test_a_judgment_with_an_open_case(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment)
    error = await refusal(owner, service, "open_enforcement_case", {"judgment_id": str(judgment.id)})
    assert (error.status, error.code, error.detail) == (409, "case_already_open", {"field": "judgment_id"})


async def test_a_judgment_of_which_nothing_is_due(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await owner.execute("update judgments set balance_due = 0")
    error = await refusal(owner, service, "open_enforcement_case", {"judgment_id": str(judgment.id)})
    assert (error.status, error.code, error.detail) == (409, "nothing_due", {"field": "judgment_id"})


async def test_a_plaintiff_of_another_judgment(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment, other = await make_judgment(), await make_judgment()
    payload = {"judgment_id": str(judgment.id), "plaintiff_id": str(other.plaintiff_id)}
    error = await refusal(owner, service, "open_enforcement_case", payload)
    assert wrong_fields(error) == ["plaintiff_id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"judgment_id": None}, "judgment_id"),
        ({"judgment_id": "7"}, "judgment_id"),
        ({"plaintiff_id": "everyone"}, "plaintiff_id"),
        ({"tier": "tier9"}, "tier"),
        ({"collectability_score": -0.01}, "collectability_score"),
        ({"collectability_score": 100.01}, "collectability_score"),
        ({"collectability_score": 50.001}, "collectability_score"),
        ({"collectability_score": "80"}, "collectability_score"),
        ({"created_by": "x" * 121}, "created_by"),
        ({"notes": "x" * 4001}, "notes"),
        ({"current_balance": 1}, "current_balance"),
    ],
)
async def test_a_payload_that_breaks_a_rule(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    changes: dict[str, Any],
    field: str,
) -> None:
    judgment = await make_judgment()
    error = await refusal(
        owner, service, "open_enforcement_case", {"judgment_id": str(judgment.id), **changes}
    )
    assert wrong_fields(error) == [field]
