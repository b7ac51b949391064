"""Each case tells where it stands and what happened last, to those of its tenant."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.support.access import acting_as


async def test_recent_cases_tell_what_happened_last(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    case_id = await open_case(await make_judgment(amount="50.00"))
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "asset_search"}})
    closed = await open_case()
    await service.call(
        "close_enforcement_case", {"payload": {"case_id": closed, "status": "withdrawn", "note": "Asked to."}}
    )
    rows = await owner.fetch("select * from v_enforcement_recent order by opened_at")
    assert [
        (
            str(row["case_id"]),
            row["status"],
            row["current_stage"],
            row["days_in_stage"],
            row["last_event_kind"],
        )
        for row in rows
    ] == [
        (case_id, "open", "asset_search", 0, "case_stage_changed"),
        (closed, "withdrawn", "closed", None, "case_stage_changed"),
    ]
    assert rows[0]["plaintiff_name"] == "Harbor Supply LLC"


async def test_the_late_and_those_without_an_event(owner: asyncpg.Connection, open_case: OpenCase) -> None:
    case_id = await open_case()
    await owner.execute(
        "update enforcement_cases set next_action_at = now() - interval '1 hour', "
        "stage_entered_at = now() - interval '50 hours' where id = $1",
        case_id,
    )
    row = await owner.fetchrow("select * from v_enforcement_recent")
    assert row is not None
    assert (row["is_breached"], row["days_in_stage"], row["last_event_kind"]) == (True, 2, None)


async def test_a_tenants_people_see_its_own(
    owner: asyncpg.Connection,
    people: People,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    mine = await open_case()
    theirs = await open_case(await make_judgment(tenant_id=people.other_tenant))
    for who, seen in (
        (people.member, [mine]),
        (people.other_operator, [theirs]),
        (people.stranger, []),
    ):
        async with acting_as(owner, who):
            rows = await owner.fetch("select case_id::text from v_enforcement_recent")
        assert [row["case_id"] for row in rows] == seen
