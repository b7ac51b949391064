"""An event that cannot be told waits aside; those behind it are told."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.calls import later, messages
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.fan_out_enforcement_events.test_tells import FAN_OUT, log

WITHOUT_ALERTS = "delete from casebase.queues where name = 'casebase_alerts'"


async def test_others_are_told(
    owner: asyncpg.Connection, service: Session, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:  # fmt: skip
    served = await log(service, await open_case(), "bank_levy_served")
    other_case = await open_case(await make_judgment(tenant_id=people.other_tenant))
    moved = {"case_id": other_case, "stage": "asset_search"}
    await service.call("set_enforcement_stage", {"payload": moved})
    await owner.execute(WITHOUT_ALERTS)
    assert await service.call(FAN_OUT) == {"fanned_out": 1, "set_aside": 1, "is_more": False}
    assert [job["case_id"] for job in await messages(owner, "enforce")] == [other_case]
    rows = await owner.fetch(
        "select event_id::text, attempts, next_try_at > now() from enforcement.event_outbox"
    )
    assert [tuple(row) for row in rows] == [(served, 1, True)]


async def test_it_is_tried_again_ever_later(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, api_url: str
) -> None:
    await log(service, await open_case(), "bank_levy_served")
    await owner.execute(WITHOUT_ALERTS)
    await service.call(FAN_OUT)
    assert await service.call(FAN_OUT) == {"fanned_out": 0, "set_aside": 0, "is_more": False}
    async with later(api_url, minutes=3) as then:
        assert (await then.call(FAN_OUT))["set_aside"] == 1
        wait = await owner.fetchval(
            "select next_try_at - now() - interval '3 minutes' from enforcement.event_outbox where attempts = 2"
        )
        assert timedelta(minutes=3) < wait < timedelta(minutes=5)
    await owner.execute("select casebase.create_queue('casebase_alerts')")
    async with later(api_url, hours=1) as then:
        assert (await then.call(FAN_OUT))["fanned_out"] == 1
    assert len(await messages(owner, "casebase_alerts")) == 1
    assert await owner.fetchval("select count(*) from enforcement.event_outbox") == 0


async def test_a_batch_full_of_them_holds_nothing_back(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for _ in range(3):
        await log(service, case_id, "bank_levy_served")
    await log(service, case_id, "note")
    await owner.execute(WITHOUT_ALERTS)
    told = [await service.call(FAN_OUT, {"batch_limit": 2}) for _ in range(3)]
    assert [(each["set_aside"], each["fanned_out"]) for each in told] == [(2, 0), (1, 1), (0, 0)]
