"""Of fifty who close a case, one does, and nothing is written to it afterwards."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import OpenCase


async def test_one_closes(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await open_case()
    statuses = ("satisfied", "uncollectible", "withdrawn")
    results = await asyncio.gather(
        *(
            service.call(
                "close_enforcement_case", {"payload": {"case_id": case_id, "status": statuses[n % 3]}}
            )
            for n in range(50)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, RpcError)]
    assert {(error.status, error.code) for error in refused} == {(409, "case_closed")}
    closed = [result for result in results if isinstance(result, dict)]
    assert (len(closed), len(refused)) == (1, 49)
    assert await owner.fetchval("select status from enforcement_cases") == closed[0]["status"]
    assert await owner.fetchval("select count(*) from enforcement_events") == 1
    assert await owner.fetchval("select count(*) from enforcement_history where change = 'closed'") == 1


async def test_payments_and_stages_that_race_with_it_come_before_it_or_are_refused(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    calls = [("close_enforcement_case", {"status": "withdrawn"})]
    for n in range(24):
        calls.append(("record_enforcement_payment", {"amount": 1, "source": "wire", "reference": f"R{n}"}))
        calls.append(("set_enforcement_stage", {"stage": "payment"}))
    # The close is asked for among the others, not first.
    calls.insert(24, calls.pop(0))
    results = await asyncio.gather(
        *(
            service.call(function, {"payload": {"case_id": case_id, **payload}})
            for function, payload in calls
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert {(e.status, e.code) if isinstance(e, RpcError) else e for e in refused} <= {(409, "case_closed")}
    last = await owner.fetchval("select change from enforcement_history order by position desc limit 1")
    assert last == "closed"
    assert await owner.fetchval(
        "select current_balance = opening_balance - (select coalesce(sum(amount), 0) from enforcement_payments) "
        "and current_stage = 'closed' and next_action_at is null from enforcement_cases"
    )
