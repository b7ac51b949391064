"""Fifty payments on one case at once: each counts in full, and together they take no more than is due."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase


async def test_no_payment_is_lost_and_none_exceeds_the_balance(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="1000.00")
    case_id = await open_case(judgment)
    results = await asyncio.gather(
        *(
            service.call(
                "record_enforcement_payment",
                {
                    "payload": {
                        **({"case_id": case_id} if n % 2 else {"judgment_id": str(judgment.id)}),
                        "amount": 33.33,
                        "source": "wire",
                        "reference": f"W-{n}",
                    }
                },
            )
            for n in range(50)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, RpcError)]
    assert {(error.status, error.code) for error in refused} == {(409, "payment_exceeds_balance")}
    assert len(results) - len(refused) == 30
    left = await owner.fetchrow(
        "select c.current_balance::text, j.balance_due::text, (select sum(amount) from enforcement_payments)::text, "
        "(select array_agg(distinct balance_after order by balance_after) from enforcement_payments)::text[] "
        "from enforcement_cases c join judgments j on j.id = c.judgment_id"
    )
    assert left is not None
    assert tuple(left)[:3] == ("0.10", "0.10", "999.90")
    assert len(left[3]) == 30
