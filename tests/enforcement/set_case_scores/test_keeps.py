"""The breakdown is kept on the docket, and the open case follows in the same transaction."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase
from tests.enforcement.enrichment_calls import SCORES, set_scores


async def test_all_of_it(owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment) -> None:
    judgment = await make_judgment()
    await service.call("set_case_scores", {"p_case_id": judgment.docket_id, **SCORES})
    docket = await owner.fetchrow("select * from judgments.cases")
    assert docket is not None
    kept = {
        f"p_{name}": docket[name] if name.endswith("tier") else float(docket[name])
        for name in (key.removeprefix("p_") for key in SCORES)
    }
    assert kept == SCORES
    assert docket["last_scored_at"] is not None
    assert docket["last_enriched_at"] is None


async def test_the_open_case_has_the_score_and_its_tier(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment, collectability_score=10)
    await set_scores(service, judgment.docket_id, 61.25, "tier2")
    case = await owner.fetchrow("select * from enforcement_cases")
    assert case is not None
    assert (float(case["collectability_score"]), case["tier"], case["tier_reason"]) == (
        61.25,
        "tier2",
        "score",
    )
    told = await owner.fetchrow("select * from enforcement_history order by position desc limit 1")
    assert told is not None
    assert (told["change"], told["actor_type"]) == ("tier_changed", "rpc")
    assert json.loads(told["delta"]) == {
        "tier": {"from": "tier0", "to": "tier2"},
        "collectability_score": {"from": 10, "to": 61.25},
    }
    await set_scores(service, judgment.docket_id, 62, "tier2")
    await set_scores(service, judgment.docket_id, 62, "tier2")
    changes = await owner.fetch("select change from enforcement_history order by position")
    assert [row[0] for row in changes] == ["opened", "tier_changed", "score_changed"]


async def test_a_tier_set_by_hand_stays(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    until = datetime.now(UTC) + timedelta(days=3)
    override = {"case_id": case_id, "tier": "tier3", "expires_at": until.isoformat(), "note": "A house"}
    await service.call("override_enforcement_tier", {"payload": override})
    await set_scores(service, judgment.docket_id, 61.25, "tier2")
    case = await owner.fetchrow("select * from enforcement_cases")
    assert case is not None
    assert (case["tier"], case["tier_override"], float(case["collectability_score"])) == (
        "tier3",
        "tier3",
        61.25,
    )

    await owner.execute(
        "update enforcement_cases set override_expires_at = casebase.now() - interval '1 minute'"
    )
    await set_scores(service, judgment.docket_id, 61.25, "tier2")
    case = await owner.fetchrow("select * from enforcement_cases")
    assert case is not None
    assert (case["tier"], case["tier_override"], case["override_note"]) == ("tier2", None, None)
    delta = json.loads(
        await owner.fetchval("select delta from enforcement_history order by position desc limit 1")
    )
    assert delta["tier"] == {"from": "tier3", "to": "tier2"}
    assert delta["tier_override"] == {"from": "tier3", "to": None}


async def test_a_closed_case_is_left_alone(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment, collectability_score=10)
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    await set_scores(service, judgment.docket_id, 61.25, "tier2")
    assert await owner.fetchval("select tier from enforcement_cases") == "tier0"


async def test_a_case_that_is_opened_meanwhile_has_the_score(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgments = [await make_judgment() for _ in range(25)]
    await asyncio.gather(
        *(set_scores(service, judgment.docket_id, 61.25, "tier2") for judgment in judgments),
        *(open_case(judgment) for judgment in judgments),
    )
    rows = await owner.fetch("select distinct tier, collectability_score::text from enforcement_cases")
    assert [tuple(row) for row in rows] == [("tier2", "61.25")]
