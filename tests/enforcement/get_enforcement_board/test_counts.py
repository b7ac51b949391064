"""The board's counts and balances are those of the cases, whatever is done to them."""

from __future__ import annotations

from typing import Any

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People

COUNTED = """
    select tier, current_stage as stage, count(*) as case_count, sum(current_balance::numeric) as current_balance,
           count(*) filter (where next_action_at < now()) as breach_count
    from enforcement_cases where closed_at is null and tenant_id = $1 group by 1, 2 order by 1, 2
"""


async def counted(owner: asyncpg.Connection, tenant_id: Any) -> list[dict[str, Any]]:
    rows = await owner.fetch(COUNTED, tenant_id)
    return [{**dict(row), "current_balance": float(row["current_balance"])} for row in rows]


async def test_cells_follow_every_change(
    owner: asyncpg.Connection,
    service: Session,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    async def matches() -> None:
        board = await service.call("get_enforcement_board", {"tenant_id": people.default_tenant})
        assert board["items"] == await counted(owner, people.default_tenant)

    await matches()
    first = await open_case(await make_judgment(amount="100.10"), collectability_score=70)
    second = await open_case(await make_judgment(amount="200.20"))
    await open_case(await make_judgment(amount="400.40", tenant_id=people.other_tenant))
    await matches()
    await service.call("set_enforcement_stage", {"payload": {"case_id": first, "stage": "bank_levy"}})
    await matches()
    await service.call(
        "record_enforcement_payment", {"payload": {"case_id": first, "amount": 40.05, "source": "check"}}
    )
    await matches()
    await service.call("fold_enforcement_counts")
    await matches()
    await owner.execute("update enforcement_cases set next_action_at = now() - interval '1 hour'")
    await matches()
    await service.call(
        "close_enforcement_case", {"payload": {"case_id": second, "status": "withdrawn", "note": "Asked to."}}
    )
    await matches()
    await owner.execute("update enforcement_cases set tier = 'tier1' where id = $1", first)
    await matches()
    await service.call("fold_enforcement_counts")
    await matches()
    assert await owner.fetchval("select count(*) from enforcement.case_counts") == 2


async def test_sums_are_of_all_tiers_and_stages(
    service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    await open_case(await make_judgment(amount="100.10"), collectability_score=70)
    levied = await open_case(await make_judgment(amount="200.20"))
    await service.call("set_enforcement_stage", {"payload": {"case_id": levied, "stage": "bank_levy"}})
    board = await service.call("get_enforcement_board")
    assert [(t["tier"], t["case_count"], t["current_balance"]) for t in board["tiers"]] == [
        ("tier0", 1, 200.20),
        ("tier1", 0, 0),
        ("tier2", 1, 100.10),
        ("tier3", 0, 0),
    ]
    assert [(s["stage"], s["case_count"], s["sla_days"]) for s in board["stages"]] == [
        ("pre_enforcement", 1, 3),
        ("asset_search", 0, 14),
        ("bank_levy", 1, 21),
        ("garnishment", 0, 30),
        ("marshal", 0, 21),
        ("payment", 0, 30),
    ]
    assert board["total"] == {"case_count": 2, "current_balance": 300.30, "breach_count": 0}
