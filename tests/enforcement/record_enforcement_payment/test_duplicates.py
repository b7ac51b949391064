"""A source's reference counts once, whatever else is said of it and however often it comes."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal


async def test_a_second_time_is_refused(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    payment = {"case_id": case_id, "amount": 100, "source": "wire", "reference": "W-1"}
    await service.call("record_enforcement_payment", {"payload": payment})
    error = await refusal(owner, service, "record_enforcement_payment", {**payment, "amount": 5})
    assert (error.status, error.code, error.detail) == (
        409,
        "payment_already_recorded",
        {"field": "reference"},
    )


async def test_also_of_the_payment_that_left_nothing_due(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case(await make_judgment(amount="100.00"))
    payment = {"case_id": case_id, "amount": 100, "source": "wire", "reference": "W-1"}
    await service.call("record_enforcement_payment", {"payload": payment})
    assert (
        await refusal(owner, service, "record_enforcement_payment", payment)
    ).code == "payment_already_recorded"


async def test_another_source_or_tenant_has_references_of_its_own(
    service: Session, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case()
    elsewhere = await open_case(await make_judgment(tenant_id=people.other_tenant))
    for case, source in ((case_id, "wire"), (case_id, "check"), (elsewhere, "wire")):
        payment = {"case_id": case, "amount": 100, "source": source, "reference": "W-1"}
        await service.call("record_enforcement_payment", {"payload": payment})


async def test_of_fifty_at_once_on_different_cases_one_counts(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_ids = [await open_case() for _ in range(10)]
    results = await asyncio.gather(
        *(
            service.call(
                "record_enforcement_payment",
                {"payload": {"case_id": case_ids[n % 10], "amount": 7, "source": "wire", "reference": "W-1"}},
            )
            for n in range(50)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, RpcError)]
    assert {(error.status, error.code) for error in refused} == {(409, "payment_already_recorded")}
    assert len(refused) == 49
    counts = await owner.fetchrow(
        "select (select count(*) from enforcement_payments), (select count(*) from enforcement_events), "
        "(select sum(opening_balance - current_balance)::int from enforcement_cases), "
        "(select sum(judgment_amount - balance_due)::int from judgments)"
    )
    assert counts is not None
    assert tuple(counts) == (1, 1, 7, 7)
