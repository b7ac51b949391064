"""Judgments, scores and imports read what they are about alone, among many."""

from __future__ import annotations

import asyncpg
import pytest

from tests.enforcement.enrichment_calls import SCORES, judgment, simplicity
from tests.enforcement.reads import assert_few, rows_read

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_enforcement_cases")


async def a_docket(many: asyncpg.Connection) -> asyncpg.Record:
    row = await many.fetchrow(
        "select d.id::text, d.judgment_id::text from judgments.cases d "
        "join enforcement_cases c on c.judgment_id = d.judgment_id and c.closed_at is null limit 1"
    )
    assert row is not None
    return row


async def test_recording_a_judgment(many: asyncpg.Connection) -> None:
    _, counted = await rows_read(many, "create_judgment", {"payload": judgment()})
    assert_few(counted, at_most=40)


async def test_a_score_finds_the_open_case(many: asyncpg.Connection) -> None:
    docket = await a_docket(many)
    _, counted = await rows_read(many, "set_case_scores", {"p_case_id": docket["id"], **SCORES})
    assert_few(counted, at_most=40)


async def test_a_subject_and_its_bundle(many: asyncpg.Connection) -> None:
    docket = await a_docket(many)
    subject = {"payload": {"judgment_id": docket["judgment_id"]}}
    _, counted = await rows_read(many, "get_enrichment_subject", subject)
    assert_few(counted, at_most=40)
    bundle = {
        "case_id": docket["id"],
        "source": "vendor",
        "assets": [{"kind": "bank", "description": "Account"}],
    }
    _, counted = await rows_read(many, "upsert_enrichment_bundle", {"bundle": bundle})
    assert_few(counted, at_most=40)


async def test_what_is_due_is_looked_for_in_batches(many: asyncpg.Connection) -> None:
    _, counted = await rows_read(many, "queue_due_enrichment", {"payload": {"batch_limit": 10}})
    assert_few(counted, at_most=120)


async def test_retention_goes_on_behind_what_is_erased(many: asyncpg.Connection) -> None:
    file = {"file_name": "export.csv", "file_sha256": "e" * 64}
    run, _ = await rows_read(many, "start_simplicity_import", {"payload": file})
    await many.execute(
        "insert into enforcement.import_rows (run_id, tenant_id, row_number, raw, status, reasons) "
        "select $1, casebase.default_tenant(), n, case when n > 4000 then '{}'::jsonb end, 'rejected', array['row: odd'] "
        "from generate_series(1, 5000) n",
        run["import_run_id"],
    )
    await many.execute("update enforcement.import_runs set started_at = started_at - interval '31 days'")
    await many.execute("analyze enforcement.import_rows, enforcement.import_runs")
    erased, counted = await rows_read(many, "erase_import_rows", {"batch_limit": 10})
    assert erased["is_more"]
    assert_few({"import_rows": counted["import_rows"]}, at_most=60)


async def test_an_import_looks_its_dockets_up(many: asyncpg.Connection) -> None:
    file = {"file_name": "export.csv", "file_sha256": "f" * 64}
    run, _ = await rows_read(many, "start_simplicity_import", {"payload": file})
    rows = [simplicity(number) for number in range(1, 6)]
    staged = {"import_run_id": run["import_run_id"], "rows": rows, "is_last": True}
    await rows_read(many, "add_simplicity_rows", {"payload": staged})
    _, counted = await rows_read(many, "process_simplicity_imports", {"import_run_id": run["import_run_id"]})
    # The run's own rows are all there are of their tables.
    assert_few(
        {table: read for table, read in counted.items() if not table.startswith("import_")}, at_most=200
    )
