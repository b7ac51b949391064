"""Rows are staged once each, those that cannot be used with their reasons."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import process, simplicity, stage, start_import
from tests.support.refusals import refusal, wrong_fields


async def test_good_and_bad_ones(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    bad = {**simplicity(2), "reasons": ["judgment_amount: is missing"]}
    run = await stage(service, run_id, simplicity(1), bad, is_last=False)
    assert (run["status"], run["row_count"], run["rejected"]) == ("loading", 2, 1)
    rows = await owner.fetch("select status, reasons from enforcement.import_rows order by row_number")
    assert [tuple(row) for row in rows] == [("staged", []), ("rejected", ["judgment_amount: is missing"])]


async def test_a_row_that_is_there_stays(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1), is_last=False)
    run = await stage(service, run_id, simplicity(1, county="Queens"), simplicity(2))
    assert (run["status"], run["row_count"]) == ("loaded", 2)
    assert (
        await owner.fetchval("select raw ->> 'county' from enforcement.import_rows where row_number = 1")
        == "Kings"
    )


async def test_a_file_that_is_in_takes_no_more(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1))
    payload = {"import_run_id": run_id, "rows": [simplicity(2)]}
    for _ in range(2):
        error = await refusal(owner, service, "add_simplicity_rows", payload)
        assert (error.status, error.code) == (409, "import_already_loaded")
        await process(service, run_id)


async def test_whoever_is_not_the_service(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    payload = {"import_run_id": await start_import(service), "rows": []}
    for who in (people.admin, people.stranger, ANON):
        assert (await refusal(owner, api.session(who), "add_simplicity_rows", payload)).status == 403


async def test_an_unknown_run(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "add_simplicity_rows", {"import_run_id": str(uuid4()), "rows": []})
    assert (error.status, error.code) == (404, "import_run_not_found")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"import_run_id": "7"}, "import_run_id"),
        ({"is_last": "yes"}, "is_last"),
        ({"rows": None}, "rows"),
        ({"rows": {}}, "rows"),
        ({"rows": [7]}, "rows"),
        ({"rows": [{"raw": {}}]}, "rows"),
        ({"rows": [{"row_number": 0, "raw": {}}]}, "rows"),
        ({"rows": [{"row_number": 1}]}, "rows"),
        ({"rows": [{"row_number": 1, "raw": {"court": "x" * 30000}}]}, "rows"),
        ({"rows": [{"row_number": 1, "raw": {}, "reasons": "bad"}]}, "rows"),
        ({"rows": [{"row_number": 1, "raw": {}}] * 5001}, "rows"),
        ({"tenant_id": str(uuid4())}, "tenant_id"),
    ],
)
async def test_what_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, changes: dict[str, Any], field: str
) -> None:
    payload = {"import_run_id": await start_import(service), "rows": [], **changes}
    assert wrong_fields(await refusal(owner, service, "add_simplicity_rows", payload)) == [field]
