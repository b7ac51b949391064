"""Outreach plans a call to each plaintiff whose turn it is, as the rules have it by tier and status."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.enforcement.calls import add_attempts, add_call, messages, refused_call, use_utc
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import Judgment
from tests.support.refusals import wrong_fields


async def plan(service: Session, **named: str) -> int:
    planned: int = (await service.call("plan_outreach", {"payload": named}))["planned"]
    return planned


@pytest.fixture
async def judgment(owner: asyncpg.Connection, make_judgment: MakeJudgment) -> Judgment:
    made = await make_judgment()
    await use_utc(owner, made.tenant_id)
    return made


async def test_a_call_to_a_new_plaintiff(
    owner: asyncpg.Connection, service: Session, judgment: Judgment, open_case: OpenCase
) -> None:
    case_id = await open_case(judgment, tier="tier1")
    assert await plan(service) == 1
    task = await owner.fetchrow("select * from plaintiff_tasks")
    assert task is not None
    assert (task["kind"], task["status"], task["created_by"]) == ("call", "open", "outreach")
    assert (str(task["enforcement_case_id"]), task["tier"]) == (case_id, "tier1")
    assert await plan(service) == 0


@pytest.mark.parametrize(
    ("tier", "outcome", "days_ago", "planned"),
    [
        ("tier0", None, 0, 0),
        ("tier1", "busy", 0, 0),
        ("tier1", "busy", 1, 1),
        ("tier1", "no_answer", 1, 0),
        ("tier1", "no_answer", 2, 1),
        ("tier1", "left_voicemail", 3, 1),
        ("tier1", "reached_warm", 40, 0),
        ("tier2", "reached_warm", 13, 0),
        ("tier2", "reached_warm", 14, 1),
        ("tier2", "reached_cold", 40, 0),
        ("tier3", "reached_cold", 40, 1),
        ("tier3", "bad_number", 50, 0),
        ("tier3", "do_not_call", 50, 0),
    ],
)
async def test_by_tier_and_by_how_the_last_call_ended(
    owner: asyncpg.Connection,
    service: Session,
    judgment: Judgment,
    open_case: OpenCase,
    tier: str,
    outcome: str | None,
    days_ago: int,
    planned: int,
) -> None:
    await open_case(judgment, tier=tier)
    if outcome is not None:
        await add_attempts(owner, judgment.plaintiff_id, {days_ago: outcome})
        await owner.execute("update plaintiffs set status = $1", outcome)
    assert await plan(service) == planned


async def test_none_that_the_frequency_rule_forbids(
    owner: asyncpg.Connection, service: Session, judgment: Judgment, open_case: OpenCase
) -> None:
    await open_case(judgment, tier="tier3")
    await add_attempts(owner, judgment.plaintiff_id, {5: "reached_hot", 3: "no_answer"})
    await owner.execute("update plaintiffs set status = 'no_answer'")
    assert await plan(service) == 0
    await owner.execute("update enforcement.settings set quiet_days_after_conversation = 4")
    assert await plan(service) == 1


async def test_one_of_a_plaintiffs_cases_the_highest_tiers(
    owner: asyncpg.Connection,
    service: Session,
    judgment: Judgment,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    await open_case(judgment, tier="tier1")
    other = await make_judgment()
    await owner.execute(
        "update judgments set plaintiff_id = $1 where id = $2", judgment.plaintiff_id, other.id
    )
    higher = await open_case(other, tier="tier3")
    assert await plan(service) == 1
    assert str(await owner.fetchval("select enforcement_case_id from plaintiff_tasks")) == higher


async def test_none_where_a_call_is_open_already(
    owner: asyncpg.Connection, service: Session, judgment: Judgment, open_case: OpenCase
) -> None:
    await open_case(judgment, tier="tier3")
    await add_call(owner, judgment.plaintiff_id, due_in=timedelta(days=20))
    assert await plan(service) == 0


async def test_none_for_a_closed_case(service: Session, judgment: Judgment, open_case: OpenCase) -> None:
    case_id = await open_case(judgment, tier="tier3")
    await service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}})
    assert await plan(service) == 0


async def test_no_more_than_the_desk_can_take_the_highest_tiers_first(
    owner: asyncpg.Connection,
    service: Session,
    judgment: Judgment,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    await add_call(owner, judgment.plaintiff_id)
    await owner.execute("update enforcement.settings set planned_calls_limit = 3")
    for tier in ("tier1", "tier3", "tier2", "tier1"):
        await open_case(await make_judgment(), tier=tier)
    assert await plan(service) == 2
    tiers = await owner.fetch("select tier from plaintiff_tasks where created_by = 'outreach' order by 1")
    assert [row[0] for row in tiers] == ["tier2", "tier3"]
    assert await plan(service) == 0


async def test_once_whoever_plans_at_the_same_time(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    for _ in range(5):
        await open_case(await make_judgment(), tier="tier2")
    planned = await asyncio.gather(*(plan(service) for _ in range(50)))
    assert sum(planned) == 5
    assert await owner.fetchval("select count(*) from plaintiff_tasks") == 5


async def test_for_one_case_alone(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    await open_case(await make_judgment(), tier="tier2")
    case_id = await open_case(await make_judgment(), tier="tier2")
    assert await plan(service, case_id=case_id) == 1
    assert str(await owner.fetchval("select enforcement_case_id from plaintiff_tasks")) == case_id


class TestTheWorker:
    async def test_plans_every_tenants_calls_by_night(
        self,
        owner: asyncpg.Connection,
        runtime: Runtime,
        people: People,
        make_judgment: MakeJudgment,
        open_case: OpenCase,
    ) -> None:
        for tenant_id in (people.default_tenant, people.other_tenant):
            await open_case(await make_judgment(tenant_id=tenant_id), tier="tier2")
        await owner.execute("select casebase.enqueue('outreach', '{}')")
        await Worker(runtime, ["outreach"]).drain()
        tenants = await owner.fetch("select tenant_id from plaintiff_tasks")
        assert {row[0] for row in tenants} == {people.default_tenant, people.other_tenant}
        assert await messages(owner, "outreach") == []

    async def test_plans_what_an_operator_asks_for(
        self,
        owner: asyncpg.Connection,
        api: Database,
        runtime: Runtime,
        people: People,
        make_judgment: MakeJudgment,
        open_case: OpenCase,
    ) -> None:
        await open_case(await make_judgment(), tier="tier2")
        case_id = await open_case(await make_judgment(), tier="tier1")
        job = {"kind": "outreach", "idempotency_key": "k-1", "payload": {"case_id": case_id}}
        await api.session(people.operator).call("queue_job", {"payload": job})
        await Worker(runtime, ["outreach"]).drain()
        tasks = await owner.fetch("select enforcement_case_id from plaintiff_tasks")
        assert [str(row[0]) for row in tasks] == [case_id]


class TestRefuses:
    @pytest.mark.parametrize("who", ["admin", "operator", "stranger"])
    async def test_people(self, owner: asyncpg.Connection, api: Database, people: People, who: str) -> None:
        session = api.session(getattr(people, who))
        error = await refused_call(owner, session, "plan_outreach", {"payload": {}})
        assert error.status == 403

    async def test_what_is_no_tenant(self, owner: asyncpg.Connection, service: Session) -> None:
        call = {"payload": {"tenant_id": str(uuid4())}}
        error = await refused_call(owner, service, "plan_outreach", call)
        assert (error.status, error.code) == (404, "tenant_not_found")
        error = await refused_call(owner, service, "plan_outreach", {"payload": {"limit": 5}})
        assert wrong_fields(error) == ["limit"]
