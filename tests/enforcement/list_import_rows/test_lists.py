"""What became of a run's rows, without what they say."""

from __future__ import annotations

import json
from uuid import uuid4

import asyncpg

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import process, simplicity, stage, start_import
from tests.support.refusals import refusal_of, wrong_fields


async def test_pages_of_the_rejected(api: Database, service: Session, people: People) -> None:
    run_id = await start_import(service)
    await stage(
        service, run_id, *(simplicity(number, state="?" if number % 2 else "NY") for number in range(1, 8))
    )
    await process(service, run_id)
    operator = api.session(people.operator)
    rejected = {"import_run_id": run_id, "status": "rejected", "page_size": 3}
    first = await operator.call("list_import_rows", rejected)
    assert [row["row_number"] for row in first["items"]] == [1, 3, 5]
    assert first["items"][0]["reasons"] == ["state: must be two letters"]
    assert first["run"]["rejected"] == 4
    second = await operator.call("list_import_rows", {**rejected, "cursor": first["next_cursor"]})
    assert ([row["row_number"] for row in second["items"]], second["next_cursor"]) == ([7], None)
    everything = await operator.call("list_import_rows", {"import_run_id": run_id})
    assert [row["status"] for row in everything["items"]] == ["rejected", "created"] * 3 + ["rejected"]
    assert all((row["judgment_id"] is None) == (row["status"] == "rejected") for row in everything["items"])
    assert "Quillfeather" not in json.dumps(everything)


async def test_whoever_does_not_operate(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    run_id = await start_import(service)
    for who, status, code in (
        (people.member, 403, "operator_required"),
        (people.other_operator, 404, "import_run_not_found"),
        (people.stranger, 404, "import_run_not_found"),
    ):
        error = await refusal_of(owner, api.session(who), "list_import_rows", import_run_id=run_id)
        assert (error.status, error.code) == (status, code)
    assert (
        await refusal_of(owner, api.session(ANON), "list_import_rows", import_run_id=run_id)
    ).status == 403


async def test_what_breaks_a_rule(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    error = await refusal_of(owner, service, "list_import_rows", import_run_id=uuid4())
    assert (error.status, error.code) == (404, "import_run_not_found")
    for arguments, field in (
        ({"status": "lost"}, "status"),
        ({"page_size": 0}, "page_size"),
        ({"cursor": -1}, "cursor"),
    ):
        error = await refusal_of(owner, service, "list_import_rows", import_run_id=run_id, **arguments)
        assert wrong_fields(error) == [field]
