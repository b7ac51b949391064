"""Changes of the counts become one row a tenant, tier and stage; what they sum up to stays, whoever counts meanwhile."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import ANON, Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.refusals import refusal_of

COUNTS = """
    select tenant_id, tier, current_stage, sum(case_count)::int, sum(current_balance), sum(stage_entered)
    from enforcement.case_counts group by 1, 2, 3 having sum(case_count) <> 0 order by 1, 2, 3
"""


async def cells(owner: asyncpg.Connection) -> int:
    count = await owner.fetchval("select count(*) from enforcement.case_counts")
    assert isinstance(count, int)
    return count


async def test_rows_become_one_a_cell_and_sums_stay(
    owner: asyncpg.Connection,
    service: Session,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    for amount in ("100.10", "200.20", "400.40"):
        await open_case(await make_judgment(amount=amount))
    await open_case(await make_judgment(tenant_id=people.other_tenant))
    moved = await open_case()
    await service.call("set_enforcement_stage", {"payload": {"case_id": moved, "stage": "bank_levy"}})
    before = await owner.fetch(COUNTS)
    assert await cells(owner) > len(before) == 3
    await service.call("fold_enforcement_counts")
    assert (await owner.fetch(COUNTS), await cells(owner)) == (before, 3)
    await service.call("fold_enforcement_counts")
    assert (await owner.fetch(COUNTS), await cells(owner)) == (before, 3)


async def test_a_cell_without_cases_is_gone(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await service.call(
        "close_enforcement_case",
        {"payload": {"case_id": case_id, "status": "withdrawn", "note": "Asked to."}},
    )
    await service.call("fold_enforcement_counts")
    assert await cells(owner) == 0


async def test_many_at_once_lose_nothing(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgments = [await make_judgment() for _ in range(10)]
    await asyncio.gather(
        *(open_case(judgment) for judgment in judgments),
        *(service.call("fold_enforcement_counts") for _ in range(10)),
    )
    await service.call("fold_enforcement_counts")
    assert await owner.fetch("select case_count from enforcement.case_counts") == [(10,)]


async def test_for_the_service_alone(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.admin, people.operator, people.member, people.stranger, ANON):
        assert (await refusal_of(owner, api.session(who), "fold_enforcement_counts")).status == 403
