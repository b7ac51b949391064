"""Each tier and stage of open cases is a row, with the sums of both."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase


async def test_the_view_sums_up_tiers(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    await open_case(await make_judgment(amount="100.10"))
    late = await open_case(await make_judgment(amount="200.20"))
    await service.call("set_enforcement_stage", {"payload": {"case_id": late, "stage": "bank_levy"}})
    await owner.execute(
        "update enforcement_cases set next_action_at = now() - interval '1 hour', "
        "stage_entered_at = now() - interval '36 hours' where id = $1",
        late,
    )
    rows = await owner.fetch("select * from v_enforcement_overview order by current_stage")
    assert [
        (r["tier"], r["current_stage"], r["case_count"], r["sla_breach_count"], float(r["days_in_stage"]))
        for r in rows
    ] == [("tier0", "bank_levy", 1, 1, 1.5), ("tier0", "pre_enforcement", 1, 0, 0.0)]
    assert {(r["tier_case_count"], str(r["tier_balance"]), r["tier_sla_breach_count"]) for r in rows} == {
        (2, "300.30", 1)
    }
