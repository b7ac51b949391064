"""The metrics' job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement import metrics
from tests.enforcement.conftest import OpenCase


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
