"""The metrics' job, and the views that no function reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement import metrics
from tests.enforcement.conftest import MakeJudgment, OpenCase


def job(payload: dict[str, Any]) -> Job:
    return Job("enforcement_metrics", 1, 1, payload, datetime.now(UTC))


async def test_the_nightly_job_refreshes_all_in_batches(
    owner: asyncpg.Connection,
    service: Session,
    runtime: Runtime,
    open_case: OpenCase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics, "_BATCH", 1)
    for _ in range(3):
        await open_case(collectability_score=20, tier="tier2")
    await metrics.keep(job({"is_refresh": True}), JobContext(runtime, service))
    assert await owner.fetch("select distinct tier from enforcement_cases") == [("tier0",)]


async def test_the_other_job_folds_and_changes_no_case(
    owner: asyncpg.Connection, service: Session, runtime: Runtime, open_case: OpenCase
) -> None:
    for _ in range(3):
        await open_case(collectability_score=20, tier="tier2")
    await metrics.keep(job({}), JobContext(runtime, service))
    assert await owner.fetch("select tier, case_count from enforcement.case_counts") == [("tier2", 3)]
    assert await owner.fetch("select distinct tier from enforcement_cases") == [("tier2",)]


async def test_recent_cases_tell_what_happened_last(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case(await make_judgment(amount="50.00"))
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "asset_search"}})
    closed = await open_case()
    await service.call(
        "close_enforcement_case", {"payload": {"case_id": closed, "status": "withdrawn", "note": "Asked to."}}
    )
    rows = await owner.fetch("select * from v_enforcement_recent order by opened_at")
    assert [
        (
            str(row["case_id"]),
            row["status"],
            row["current_stage"],
            row["days_in_stage"],
            row["last_event_kind"],
        )
        for row in rows
    ] == [
        (case_id, "open", "asset_search", 0, "case_stage_changed"),
        (closed, "withdrawn", "closed", None, "case_stage_changed"),
    ]
    assert rows[0]["plaintiff_name"] == "Harbor Supply LLC"


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
