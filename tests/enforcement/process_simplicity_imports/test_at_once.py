"""However many process a run, or import the same dockets, each docket is one judgment."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.enrichment_calls import judgment, process, simplicity, stage, start_import


async def test_fifty_process_one_run(owner: asyncpg.Connection, service: Session) -> None:
    run_id = await start_import(service)
    await stage(service, run_id, *(simplicity(number) for number in range(1, 1201)))
    runs = await asyncio.gather(*(process(service, run_id) for _ in range(50)))
    assert {(run["status"], run["created"]) for run in runs} == {("finished", 1200)}
    assert await owner.fetchval("select count(*) from judgments") == 1200


async def test_files_that_overlap(owner: asyncpg.Connection, service: Session) -> None:
    run_ids = [await start_import(service, digest * 64) for digest in "abcde"]
    for run_id in run_ids:
        await stage(service, run_id, *(simplicity(number) for number in range(1, 101)))
    by_hand = [
        judgment(
            docket={
                "case_number": f"CV-{number:06}/24",
                "court": "Civil Court",
                "county": "Kings",
                "state": "NY",
            }
        )
        for number in range(1, 11)
    ]
    results = await asyncio.gather(
        *(process(service, run_id) for run_id in run_ids),
        *(service.call("create_judgment", {"payload": payload}) for payload in by_hand),
        return_exceptions=True,
    )
    runs = results[:5]
    assert {error.code for error in results[5:] if isinstance(error, RpcError)} <= {"docket_already_known"}
    written = sum(isinstance(result, dict) for result in results[5:])
    assert sum(run["created"] for run in runs) + written == 100  # type: ignore[index]
    assert await owner.fetchval("select count(*) from judgments") == 100
    assert await owner.fetchval("select count(*) from judgments.cases") == 100
