"""A tenant's operators see its runs, latest first, page by page."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import People
from tests.enforcement.enrichment_calls import process, simplicity, stage, start_import
from tests.support.refusals import refusal_of, wrong_fields


async def test_pages(api: Database, service: Session, people: People) -> None:
    run_ids = [await start_import(service, digest * 64) for digest in "abc"]
    await start_import(service, "d" * 64, tenant_id=str(people.other_tenant))
    await stage(service, run_ids[0], simplicity(1), simplicity(2, state="?"))
    await process(service, run_ids[0])
    operator = api.session(people.operator)
    first = await operator.call("list_import_runs", {"page_size": 2})
    second = await operator.call("list_import_runs", {"page_size": 2, "cursor": first["next_cursor"]})
    listed = [*first["items"], *second["items"]]
    assert [run["import_run_id"] for run in listed] == run_ids[::-1]
    assert second["next_cursor"] is None
    assert {name: listed[-1][name] for name in ("status", "row_count", "created", "known", "rejected")} == {
        "status": "finished",
        "row_count": 2,
        "created": 1,
        "known": 0,
        "rejected": 1,
    }


async def test_whoever_does_not_operate(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.member, people.stranger, ANON):
        assert (await refusal_of(owner, api.session(who), "list_import_runs")).status == 403
    error = await refusal_of(
        owner, api.session(people.operator), "list_import_runs", tenant_id=people.other_tenant
    )
    assert (error.status, error.code) == (403, "operator_required")


async def test_what_breaks_a_rule(owner: asyncpg.Connection, service: Session) -> None:
    for arguments, field in (
        ({"page_size": 0}, "page_size"),
        ({"page_size": 201}, "page_size"),
        ({"cursor": "zz"}, "cursor"),
        ({"cursor": "7e7e"}, "cursor"),
    ):
        assert wrong_fields(await refusal_of(owner, service, "list_import_runs", **arguments)) == [field]
