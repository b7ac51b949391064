"""A new case's tier follows from its score, unless the caller names one."""

from __future__ import annotations

import json

import asyncpg
import pytest

from tests.enforcement.conftest import MakeJudgment, OpenCase


async def tier_and_reason(owner: asyncpg.Connection, case_id: str) -> tuple[str, str]:
    row = await owner.fetchrow("select tier, tier_reason from enforcement_cases where id = $1", case_id)
    assert row is not None
    return row["tier"], row["tier_reason"]


@pytest.mark.parametrize(
    ("score", "tier"),
    [
        (0, "tier0"), (29.99, "tier0"),
        (30, "tier1"), (54.99, "tier1"),
        (55, "tier2"), (80, "tier2"),
        (80.01, "tier3"), (100, "tier3"),
    ],
)  # fmt: skip
async def test_by_score(owner: asyncpg.Connection, open_case: OpenCase, score: float, tier: str) -> None:
    case_id = await open_case(collectability_score=score)
    assert await tier_and_reason(owner, case_id) == (tier, "score")


async def test_by_the_rows_that_an_operator_changed(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    await owner.execute(
        "update enforcement_tier_lookup set max_score = 19.99 where tier = 'tier0';"
        "update enforcement_tier_lookup set min_score = 20 where tier = 'tier1'"
    )
    assert await tier_and_reason(owner, await open_case(collectability_score=25)) == ("tier1", "score")


async def test_by_the_dockets_score_when_none_is_given(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await owner.execute(
        "update judgments.cases set collectability_score = 61.5 where id = $1", judgment.docket_id
    )
    case_id = await open_case(judgment)
    assert await tier_and_reason(owner, case_id) == ("tier2", "score")
    kept = await owner.fetchval("select collectability_score from enforcement_cases where id = $1", case_id)
    assert str(kept) == "61.50"


async def test_without_a_score_the_lowest(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    assert await tier_and_reason(owner, await open_case()) == ("tier0", "no score")


async def test_as_the_caller_says(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    case_id = await open_case(tier="tier3", collectability_score=10)
    assert await tier_and_reason(owner, case_id) == ("tier3", "opened")


async def test_it_knows_which_assets_are_known(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await owner.execute(
        "insert into enrichment.assets (tenant_id, case_id, kind, description, asset_key, sources) "
        "values ($1, $2, 'bank', 'Checking account', 'checking', array['test'])",
        judgment.tenant_id,
        judgment.docket_id,
    )
    flags = await owner.fetchval(
        "select asset_flags from enforcement_cases where id = $1", await open_case(judgment)
    )
    assert json.loads(flags) == {
        "bank": True, "employer": False, "real_property": False, "vehicle": False, "business": False,
    }  # fmt: skip
