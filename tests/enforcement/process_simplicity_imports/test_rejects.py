"""What cannot be used is kept with its reasons, whoever staged it; reasons do not quote."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.modules.enforcement.simplicity import HEADERS
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import process, simplicity, stage, start_import
from tests.support.refusals import refusal_of


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case_number", None),
        ("case_number", "Quillfeather"),
        ("court", "x" * 121),
        ("court", "of jordan quillfeather 1"),
        ("county", "646-555-0148"),
        ("state", "New York"),
        ("judgment_date", "2024-02-30"),
        ("judgment_date", "2199-01-01"),
        ("judgment_amount", None),
        ("judgment_amount", "0.00"),
        ("judgment_amount", "NaN"),
        ("judgment_amount", "9999999999"),
        ("balance_due", "-5"),
        ("priority_level", "soon"),
        ("plaintiff_name", None),
        ("plaintiff_name", "--"),
        ("plaintiff_kind", "ship"),
        ("plaintiff_phone", "5"),
        ("plaintiff_phone", "646-555-0148" + " " * 40),
        ("plaintiff_phone", "๖๔๖๕๕๕๐๑๔๘"),
        ("plaintiff_email", "nobody"),
        ("defendant_name", None),
        ("defendant_name", "x" * 201),
        ("defendant_kind", "ship"),
        ("defendant_phone", "none"),
        ("defendant_phone", "646-555-0148 " + "x" * 600),
        ("defendant_email", "@"),
        ("defendant_address", "x" * 501),
        ("defendant_postcode", "x" * 21),
    ],
)
async def test_a_row_that_breaks_a_rule(
    owner: asyncpg.Connection, service: Session, field: str, value: str | None
) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1, **{field: value}), simplicity(2))
    run = await process(service, run_id)
    assert (run["created"], run["rejected"], run["status"]) == (1, 1, "finished")
    row = await owner.fetchrow("select * from enforcement.import_rows where row_number = 1")
    assert row is not None
    assert row["status"] == "rejected"
    assert row["raw"] is not None
    assert {reason.partition(": ")[0] for reason in row["reasons"]} == {field}
    assert "quillfeather" not in str(row["reasons"]).lower()


@pytest.mark.parametrize("field", HEADERS)
async def test_a_cell_that_is_too_long(service: Session, field: str) -> None:
    run_id = await start_import(service)
    # Whatever a cell holds, the two valid rows go in.
    nasty = [
        "9" * 600, "646-555-0148" + " " * 600 + "x", "x" * 900, "x" * 90 + "@quill.example", "\U0001f600" * 600, "ŉ" * 110,
        "9" * 40, "๖" * 9, "2024-02-29" * 60, "NaN", "\u200b", "\u00a0", " ", "", "2199-12-31", "999999999.99",
    ]  # fmt: skip
    rows = [simplicity(number, **{field: value}) for number, value in enumerate(nasty, 3)]
    await stage(service, run_id, simplicity(1), *rows, simplicity(2))
    run = await process(service, run_id)
    assert run["status"] == "finished"
    assert run["created"] + run["known"] + run["rejected"] == run["row_count"] == len(nasty) + 2
    assert run["created"] >= 2


async def test_what_only_the_database_refuses_costs_its_row(
    owner: asyncpg.Connection, service: Session
) -> None:
    run_id = await start_import(service)
    await stage(
        service, run_id, simplicity(1), simplicity(2, court="Court of Chancery"), simplicity(3, state="?")
    )
    await owner.execute(
        "alter table judgments.cases add constraint here check (court <> 'Court of Chancery')"
    )
    run = await process(service, run_id)
    assert (run["created"], run["rejected"], run["status"]) == (1, 2, "finished")
    reasons = await owner.fetchval("select reasons from enforcement.import_rows where row_number = 2")
    assert reasons == ["row: is refused by the database"]
    await owner.execute("alter table judgments.cases drop constraint here")


async def test_whoever_is_not_the_service(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    run_id = await start_import(service)
    for who in (people.admin, people.stranger, ANON):
        error = await refusal_of(owner, api.session(who), "process_simplicity_imports", import_run_id=run_id)
        assert error.status == 403


async def test_an_unknown_run(owner: asyncpg.Connection, service: Session, people: People) -> None:
    error = await refusal_of(
        owner, service, "process_simplicity_imports", import_run_id=people.default_tenant
    )
    assert (error.status, error.code) == (404, "import_run_not_found")
