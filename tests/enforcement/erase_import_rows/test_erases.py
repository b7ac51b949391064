"""What a row said that made no judgment is gone 30 days after its import began; a receipt tells how much."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.privacy.retention import Retention
from casebase.modules.enforcement import MODULE
from casebase.modules.enforcement.imports import import_simplicity
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import process, simplicity, stage, start_import
from tests.support.refusals import refusal, refusal_of, wrong_fields
from tests.support.rows import all_rows


@pytest.fixture
def retention(api: Database) -> Retention:
    return Retention(api, [MODULE])


async def erase_all(retention: Retention) -> int:
    (rule,) = retention.select(["enforcement.import_rows"]).values()
    return sum([erased async for erased in retention.erase(rule)])


async def age(owner: asyncpg.Connection, days: int) -> None:
    await owner.execute(
        "update enforcement.import_runs set started_at = started_at - make_interval(days => $1)", days
    )


async def test_rejected_rows_keep_their_reasons(
    owner: asyncpg.Connection, service: Session, retention: Retention
) -> None:
    run_id = await start_import(service)
    await stage(
        service, run_id, *(simplicity(number, state="?" if number > 2 else "NY") for number in range(1, 8))
    )
    await process(service, run_id)
    await age(owner, 29)
    assert (await service.call("count_due_import_rows"), await erase_all(retention)) == (0, 0)
    await age(owner, 1)
    assert await service.call("count_due_import_rows") == 1
    while (await service.call("erase_import_rows", {"batch_limit": 2}))["is_more"]:
        pass
    rows = await owner.fetch("select status, raw, reasons from enforcement.import_rows order by row_number")
    assert [tuple(row) for row in rows] == [("created", None, [])] * 2 + [
        ("rejected", None, ["state: must be two letters"])
    ] * 5
    assert await service.call("count_due_import_rows") == 0
    receipt = await owner.fetchrow("select * from casebase.erasure_receipts")
    assert receipt is not None
    assert (receipt["rule"], json.loads(receipt["counts"])) == (
        "import_rows",
        {"enforcement.import_rows.raw": 5},
    )
    assert receipt["erased_at"] is not None
    assert await retention.finish() == 1
    assert not any("Quillfeather 7" in row for rows in (await all_rows(owner)).values() for row in rows)


async def test_rows_that_nobody_processed_go_too(
    owner: asyncpg.Connection, service: Session, retention: Retention
) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1), is_last=False)
    await age(owner, 30)
    assert await erase_all(retention) == 1
    row = await owner.fetchrow("select * from enforcement.import_rows")
    assert row is not None
    assert (row["status"], row["raw"], row["reasons"]) == (
        "rejected",
        None,
        ["row: was not processed within 30 days"],
    )
    run = await process(service, run_id)
    assert (run["status"], run["rejected"]) == ("expired", 1)
    error = await refusal(owner, service, "add_simplicity_rows", {"import_run_id": run_id, "rows": []})
    assert (error.status, error.code) == (409, "import_expired")


async def test_a_file_whose_import_expired_can_be_imported(
    owner: asyncpg.Connection, service: Session, retention: Retention, tmp_path: Path
) -> None:
    file = tmp_path / "export.csv"
    file.write_text(
        "Case Number,Plaintiff,Defendant,Judgment Amount\n1/24,Harbor LLC,Jordan Quill,900\n2/24,Harbor LLC,Robin Fern,?\n"
    )
    run_id = await start_import(service, hashlib.sha256(file.read_bytes()).hexdigest())
    await stage(service, run_id, {"row_number": 1, "raw": {"case_number": "1/24"}}, is_last=False)
    await age(owner, 30)
    assert await erase_all(retention) == 1
    result = await import_simplicity(service, file)
    assert (result.is_new, result.row_count, result.created, result.rejected) == (True, 2, 1, 1)
    # It has its own 30 days, and is found again as any other.
    assert await service.call("count_due_import_rows") == 0
    assert not (await import_simplicity(service, file)).is_new
    await age(owner, 30)
    assert await erase_all(retention) == 1
    assert await owner.fetchval("select status from enforcement.import_runs") == "finished"


async def test_a_run_that_somebody_works_on_waits(
    owner: asyncpg.Connection, service: Session, retention: Retention
) -> None:
    await start_import(service)
    await age(owner, 30)
    async with owner.transaction():
        await owner.execute("select from enforcement.import_runs for no key update")
        assert await erase_all(retention) == 0
    assert await erase_all(retention) == 1


async def test_for_the_service_alone(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.admin, people.stranger, ANON):
        assert (await refusal_of(owner, api.session(who), "erase_import_rows", batch_limit=1)).status == 403


async def test_a_batch_that_breaks_a_rule(owner: asyncpg.Connection, service: Session) -> None:
    for limit in (0, 5001):
        error = await refusal_of(owner, service, "erase_import_rows", batch_limit=limit)
        assert wrong_fields(error) == ["batch_limit"]
