"""For the service alone; scores of 0 to 100, with the tier that they have."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, People
from tests.enforcement.enrichment_calls import SCORES
from tests.support.refusals import refusal_of, wrong_fields


async def test_whoever_is_not_the_service(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    for who in (people.admin, people.operator, people.stranger, ANON):
        error = await refusal_of(
            owner, api.session(who), "set_case_scores", p_case_id=judgment.docket_id, **SCORES
        )
        assert error.status == 403


async def test_an_unknown_docket(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal_of(owner, service, "set_case_scores", p_case_id=uuid4(), **SCORES)
    assert (error.status, error.code, error.detail) == (404, "case_not_found", {"field": "p_case_id"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"p_identity_score": 100.01}, "p_identity_score"),
        ({"p_contactability_score": -1}, "p_contactability_score"),
        ({"p_asset_score": None}, "p_asset_score"),
        ({"p_recency_amount_score": 1.001}, "p_recency_amount_score"),
        ({"p_adverse_penalty": "NaN"}, "p_adverse_penalty"),
        ({"p_collectability_score": "Infinity"}, "p_collectability_score"),
        ({"p_collectability_tier": "tier3"}, "p_collectability_tier"),
        ({"p_collectability_tier": None}, "p_collectability_tier"),
        ({"p_collectability_tier": "gold"}, "p_collectability_tier"),
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
    error = await refusal_of(
        owner, service, "set_case_scores", p_case_id=judgment.docket_id, **{**SCORES, **changes}
    )
    assert wrong_fields(error) == [field]
