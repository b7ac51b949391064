"""How many imports wait for retention: those of 30 days whose rows still hold what they said, each counted once."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import process, simplicity, stage, start_import
from tests.support.refusals import refusal_of


async def age(owner: asyncpg.Connection, run_id: str, days: int) -> None:
    await owner.execute(
        "update enforcement.import_runs set started_at = now() - make_interval(days => $2) where id = $1::uuid",
        run_id, days,
    )  # fmt: skip


async def test_runs_are_due_after_thirty_days_until_they_are_erased(
    owner: asyncpg.Connection, service: Session
) -> None:
    assert await service.call("count_due_import_rows") == 0
    runs = [await start_import(service, 64 * digit) for digit in "abc"]
    for run_id in runs:
        await stage(service, run_id, simplicity(1, state="?"), simplicity(2, state="?"))
    await process(service, runs[0])
    for run_id, days in zip(runs, (31, 30, 29), strict=True):
        await age(owner, run_id, days)
    assert await service.call("count_due_import_rows") == 2
    while (await service.call("erase_import_rows", {"batch_limit": 1}))["is_more"]:
        pass
    assert await service.call("count_due_import_rows") == 0


async def test_for_the_service_alone(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.admin, people.operator, people.member, people.stranger, ANON):
        assert (await refusal_of(owner, api.session(who), "count_due_import_rows")).status == 403
