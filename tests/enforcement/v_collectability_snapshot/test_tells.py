"""Each docket tells its latest scores."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment


async def test_the_snapshot_has_the_latest_scores(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment(county="Queens")
    await service.call(
        "set_case_enrichment",
        {"p_case_id": judgment.docket_id, "p_collectability_score": 60, "p_collectability_tier": "tier2"},
    )
    row = await owner.fetchrow("select * from v_collectability_snapshot")
    assert row is not None
    assert (row["case_id"], row["judgment_id"], row["county"]) == (judgment.docket_id, judgment.id, "Queens")
    assert (row["collectability_tier"], row["collectability_score"]) == ("tier2", 60)
    assert row["last_enriched_at"] is not None
