"""From a queued job to the case's tier: asked, merged, scored, once."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database, Session
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.runtime import Runtime
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.enrichment_calls import SCORES
from tests.enforcement.vendor_server import VendorServer, vendor_server

KNOWN = {
    "contacts": [
        {"kind": "phone", "value": "6465550199", "confidence": 1},
        {"kind": "email", "value": "jq@quill.example", "confidence": 1},
        {"kind": "address", "value": "12 Quince Alley, Brooklyn", "confidence": 1},
    ],
    "assets": [
        {"kind": "employer", "description": "Pelican Freight", "confidence": 1},
        {"kind": "bank", "description": "Checking account", "confidence": 1},
        {"kind": "real_property", "description": "A house", "confidence": 1},
    ],
}


@pytest.fixture
async def server() -> AsyncIterator[VendorServer]:
    async with vendor_server() as running:
        yield running


@pytest.fixture
def asking(runtime: Runtime, server: VendorServer) -> Runtime:
    return dataclasses.replace(runtime, settings=load_settings(vendor_url=server.url))


async def work(runtime: Runtime) -> None:
    await Worker(runtime, ["enrich"]).drain()


async def test_a_debtor_with_assets_makes_a_high_tier(
    owner: asyncpg.Connection,
    api: Database,
    people: People,
    asking: Runtime,
    server: VendorServer,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    judgment = await make_judgment(amount="60000.00")
    case_id = await open_case(judgment)
    server.body = KNOWN
    job = {"kind": "enrich", "idempotency_key": "now", "payload": {"case_id": case_id}}
    await api.session(people.operator).call("queue_job", {"payload": job})
    await work(asking)
    case = await owner.fetchrow("select * from enforcement_cases")
    docket = await owner.fetchrow("select * from judgments.cases")
    assert case is not None
    assert docket is not None
    assert (case["tier"], case["tier_reason"]) == ("tier3", "score")
    assert case["collectability_score"] == docket["collectability_score"] > 80
    assert docket["asset_score"] == 100
    assert docket["enrichment_summary"].startswith("Score ")
    assert docket["last_enriched_at"] is not None
    changes = await owner.fetch(
        "select change, actor, actor_type::text from enforcement_history order by position"
    )
    assert [tuple(row) for row in changes] == [
        ("opened", "service", "rpc"),
        ("assets_changed", "enrichment", "automation"),
        ("tier_changed", "enrichment", "automation"),
    ]
    assert await owner.fetchval("select count(*) from pgmq.q_enrich") == 0
    assert len(server.asked) == 1


async def test_without_a_vendor_what_is_known_is_scored(
    owner: asyncpg.Connection, runtime: Runtime, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await Queues(runtime.database).enqueue("enrich", {"case_id": str(judgment.docket_id)})
    await work(runtime)
    docket = await owner.fetchrow("select * from judgments.cases")
    assert docket is not None
    assert (docket["contactability_score"], docket["asset_score"]) == (35, 0)
    assert "No asset is known." in docket["enrichment_summary"]


async def test_a_vendor_that_fails_is_asked_again_under_the_same_key(
    owner: asyncpg.Connection, asking: Runtime, server: VendorServer, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await owner.execute("update casebase.queues set backoff_s = 0 where name = 'enrich'")
    server.status = 503
    await Queues(asking.database).enqueue("enrich", {"judgment_id": str(judgment.id)})
    await work(asking)
    assert await owner.fetchval("select last_scored_at from judgments.cases") is None
    (failed,) = await Queues(asking.database).list_jobs("enrich")
    assert (failed.job_state, failed.error_code) == ("dead", "vendor_unavailable")
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert len(server.asked) == 8


async def test_the_nightly_job_queues_what_is_due(
    owner: asyncpg.Connection,
    runtime: Runtime,
    service: Session,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    judgments = [await make_judgment() for _ in range(3)]
    for judgment in judgments[:2]:
        await open_case(judgment)
    await Queues(runtime.database).enqueue("enrich", {})
    await work(runtime)
    rows: list[Any] = await owner.fetch(
        "select judgment_id from judgments.cases where last_scored_at is not null"
    )
    assert {row[0] for row in rows} == {judgment.id for judgment in judgments[:2]}


async def test_a_result_is_written_to_the_case_once(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    await open_case(judgment)
    updated = "select pg_stat_get_xact_tuples_updated('public.enforcement_cases'::regclass)"
    scores = {
        "case_id": str(judgment.docket_id),
        "summary": "Score 61.25, tier2.",
        **{name.removeprefix("p_"): value for name, value in SCORES.items()},
    }
    async with owner.transaction():
        await owner.execute("select enforcement.save_scores($1)", json.dumps(scores))
        # The second time nothing else follows from it, such as the docket's rank.
        before = await owner.fetchval(updated)
        await owner.execute("select enforcement.save_scores($1)", json.dumps(scores))
        assert await owner.fetchval(updated) - before == 1
    case = await owner.fetchrow("select tier, collectability_score from enforcement_cases")
    docket = await owner.fetchrow("select * from judgments.cases")
    assert case is not None
    assert docket is not None
    assert (case["tier"], float(case["collectability_score"])) == ("tier2", 61.25)
    assert (docket["last_scored_at"], docket["asset_score"]) == (docket["last_enriched_at"], 40)
