"""Staged rows become plaintiffs, debtors, judgments and dockets, each once."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import judgment, process, simplicity, stage, start_import
from tests.support.rows import all_rows


async def test_each_row_is_a_judgment(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    await stage(
        service,
        run_id,
        simplicity(1, county="KINGS", judgment_amount="900.5", balance_due="100", priority_level="urgent"),
        simplicity(2, defendant_name="Pelican Freight, Inc.", plaintiff_name="HARBOR SUPPLY, L.L.C."),
    )
    run = await process(service, run_id)
    assert (run["status"], run["created"], run["known"], run["rejected"]) == ("finished", 2, 0, 0)
    rows = await owner.fetch(
        """
        select d.case_number, d.county, j.judgment_amount::text, j.balance_due::text, j.priority_level, j.defendant_mask,
               p.name, e.kind, k.value_key
        from judgments j
        join plaintiffs p on p.id = j.plaintiff_id
        join judgments.cases d on d.judgment_id = j.id
        join enrichment.entities e on e.id = j.defendant_entity_id
        join enrichment.contacts k on k.case_id = d.id
        order by 1
        """
    )
    assert [tuple(row) for row in rows] == [
        (
            "CV-000001/24",
            "Kings",
            "900.50",
            "100.00",
            "urgent",
            "JQ",
            "Harbor Supply LLC",
            "person",
            "6465550148",
        ),
        (
            "CV-000002/24",
            "Kings",
            "12500.00",
            "12500.00",
            "normal",
            "PFI",
            "Harbor Supply LLC",
            "company",
            "6465550148",
        ),
    ]
    kept = await owner.fetch(
        "select distinct status, raw, judgment_id is not null from enforcement.import_rows"
    )
    assert [tuple(row) for row in kept] == [("created", None, True)]


async def test_only_what_is_required_is_needed(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    optional = ("court", "county", "state", "judgment_date", "defendant_phone")
    await stage(service, run_id, simplicity(1, **dict.fromkeys(optional)))
    assert (await process(service, run_id))["created"] == 1
    docket = await owner.fetchrow("select court, county, state from judgments.cases")
    assert docket is not None
    assert tuple(docket) == ("", "", "")


async def test_a_known_docket_changes_nothing(owner: asyncpg.Connection, service: Session) -> None:
    docket = {"case_number": "cv-000001/24", "court": "Civil Court", "county": "Kings", "state": "NY"}
    known = await service.call("create_judgment", {"payload": judgment(docket=docket)})
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1, judgment_amount="1.00"))
    before = await all_rows(owner)
    run = await process(service, run_id)
    assert (run["created"], run["known"]) == (0, 1)
    after = await all_rows(owner)
    assert {table for table in after if after[table] != before[table]} == {
        "enforcement.import_rows",
        "enforcement.import_runs",
    }
    assert (
        str(await owner.fetchval("select judgment_id from enforcement.import_rows")) == known["judgment_id"]
    )


async def test_of_a_docket_named_twice_the_first_row_counts(
    owner: asyncpg.Connection, service: Session
) -> None:
    run_id = await start_import(service)
    await stage(
        service,
        run_id,
        simplicity(1, case_number="CV-7/24", judgment_amount="100"),
        simplicity(2, case_number="cv-7/24", judgment_amount="200"),
    )
    run = await process(service, run_id)
    assert (run["created"], run["known"]) == (1, 1)
    assert await owner.fetchval("select judgment_amount::text from judgments") == "100.00"
    statuses = await owner.fetch("select status from enforcement.import_rows order by row_number")
    assert [row[0] for row in statuses] == ["created", "known"]


async def test_namesakes_are_told_apart_by_their_postcode(
    owner: asyncpg.Connection, service: Session
) -> None:
    run_id = await start_import(service)
    rows = [
        simplicity(number, defendant_name="Pat Doe", defendant_postcode=code)
        for number, code in enumerate(("11201", "11201", "10001"), start=1)
    ]
    await stage(service, run_id, *rows)
    await process(service, run_id)
    assert await owner.fetchval("select count(*) from enrichment.entities where kind = 'person'") == 2


async def test_each_tenant_has_its_own(owner: asyncpg.Connection, service: Session, people: People) -> None:
    for tenant_id in (people.default_tenant, people.other_tenant):
        run_id = await start_import(service, tenant_id=str(tenant_id))
        await stage(service, run_id, simplicity(1))
        assert (await process(service, run_id))["created"] == 1
    assert await owner.fetchval("select count(distinct tenant_id) from judgments") == 2


async def test_a_finished_run_stays(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, simplicity(1))
    await process(service, run_id)
    before = await all_rows(owner)
    assert (await process(service, run_id))["status"] == "finished"
    assert await all_rows(owner) == before


async def test_a_file_without_rows_is_finished(service: Session) -> None:
    run_id = await start_import(service)
    await stage(service, run_id)
    assert (await process(service, run_id))["status"] == "finished"


async def test_more_than_a_batch(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, *(simplicity(number) for number in range(1, 1102)))
    first = await service.call("process_simplicity_imports", {"import_run_id": run_id})
    assert (first["is_more"], first["created"], first["status"]) == (True, 1000, "loaded")
    last = await process(service, run_id)
    assert (last["created"], last["status"]) == (1101, "finished")
    assert await owner.fetchval("select count(*) from judgments.cases") == 1101
