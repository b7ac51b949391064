"""A judgment whose case ended may be enforced again, for what is still due."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase


async def test_a_second_case_owes_what_the_first_left(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="1000.00")
    first = await open_case(judgment)
    await service.call(
        "record_enforcement_payment", {"payload": {"case_id": first, "amount": 400.25, "source": "wire"}}
    )
    await service.call("close_enforcement_case", {"payload": {"case_id": first, "status": "withdrawn"}})
    second = await open_case(judgment)
    balances = await owner.fetch(
        "select id, opening_balance::text, current_balance::text, status from enforcement_cases order by opened_at"
    )
    assert {str(row["id"]): tuple(row)[1:] for row in balances} == {
        first: ("1000.00", "599.75", "withdrawn"),
        second: ("599.75", "599.75", "open"),
    }
