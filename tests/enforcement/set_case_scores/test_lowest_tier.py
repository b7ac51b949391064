"""Tiers are rows: a score below all of them is in the lowest, wherever its bound was moved to."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.enforcement.enrichment_calls import set_scores


async def test_a_score_below_the_lowest_bound(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    await owner.execute("update enforcement_tier_lookup set min_score = 5 where tier = 'tier0'")
    judgment = await make_judgment()
    await set_scores(service, judgment.docket_id, 2, "tier0")
    await open_case(judgment)
    assert await owner.fetchval("select tier from enforcement_cases") == "tier0"
    # Of many at once, as the nightly refresh asks.
    bounds = "select tier from enforcement.tier_bounds() where 2 >= from_score and 2 < below_score"
    assert await owner.fetchval(bounds) == "tier0"
    for score, tier in ((5, "tier0"), (30, "tier1"), (100, "tier3")):
        await set_scores(service, judgment.docket_id, score, tier)


async def test_a_case_without_a_score(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    await owner.execute("update enforcement_tier_lookup set min_score = 5 where tier = 'tier0'")
    await open_case()
    assert await owner.fetchval("select tier from enforcement_cases") == "tier0"
