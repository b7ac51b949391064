"""What enrichment found is kept on the docket, its summary without anybody's name."""

from __future__ import annotations

from typing import Any

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.enforcement.judgments import DEBTOR, DEBTOR_PHONE


async def enriched(service: Session, docket_id: Any, **changes: Any) -> None:
    arguments = {"p_case_id": docket_id, "p_collectability_score": 85, "p_collectability_tier": "tier3"}
    await service.call("set_case_enrichment", {**arguments, **changes})


async def test_score_tier_and_summary(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await enriched(service, judgment.docket_id, p_summary=f"{DEBTOR} answers at {DEBTOR_PHONE}")
    docket = await owner.fetchrow("select * from judgments.cases")
    assert docket is not None
    assert (float(docket["collectability_score"]), docket["collectability_tier"]) == (85, "tier3")
    assert docket["enrichment_summary"] == "[subject] answers at [subject]"
    assert docket["last_enriched_at"] is not None
    assert docket["last_scored_at"] is None


async def test_without_a_summary_the_earlier_one_stays(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await enriched(service, judgment.docket_id, p_summary="Owns a boat")
    await enriched(service, judgment.docket_id)
    assert await owner.fetchval("select enrichment_summary from judgments.cases") == "Owns a boat"


async def test_the_open_case_follows(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment)
    await enriched(service, judgment.docket_id)
    assert await owner.fetchval("select tier from enforcement_cases") == "tier3"
    changes = await owner.fetch("select change from enforcement_history order by position")
    assert [row[0] for row in changes] == ["opened", "tier_changed"]
