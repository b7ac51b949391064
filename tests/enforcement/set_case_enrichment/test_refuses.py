"""For the service alone; a score of 0 to 100, with the tier that it has."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, People
from tests.support.refusals import refusal_of, wrong_fields

FOUND = {"p_collectability_score": 85, "p_collectability_tier": "tier3"}


async def test_whoever_is_not_the_service(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    for who in (people.admin, people.operator, people.stranger, ANON):
        error = await refusal_of(
            owner, api.session(who), "set_case_enrichment", p_case_id=judgment.docket_id, **FOUND
        )
        assert error.status == 403


async def test_an_unknown_docket(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal_of(owner, service, "set_case_enrichment", p_case_id=uuid4(), **FOUND)
    assert (error.status, error.code, error.detail) == (404, "case_not_found", {"field": "p_case_id"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"p_collectability_score": 100.5}, "p_collectability_score"),
        ({"p_collectability_score": None}, "p_collectability_score"),
        ({"p_collectability_tier": "tier2"}, "p_collectability_tier"),
        ({"p_summary": "x" * 3001}, "p_summary"),
        ({"p_case_id": None}, "p_case_id"),
    ],
)
async def test_what_breaks_a_rule(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    changes: dict[str, Any],
    field: str,
) -> None:
    judgment = await make_judgment()
    arguments = {"p_case_id": judgment.docket_id, **FOUND, **changes}
    assert wrong_fields(await refusal_of(owner, service, "set_case_enrichment", **arguments)) == [field]
