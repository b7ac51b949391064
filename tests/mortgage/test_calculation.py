"""The calculation job: from a queued case to its advice, once, whatever is repeated."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.clock import Clock
from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Job, JobContext, Worker
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.advice import replay
from casebase.modules.mortgage.jobs import calculate
from tests.mortgage.leads import ABSENT, BANK, RATE
from tests.support.waiting import eventually


async def calculations(owner: asyncpg.Connection, opened: dict[str, Any]) -> list[asyncpg.Record]:
    found = await owner.fetch(
        "select * from scenario_calculations where case_id = $1 order by calc_version",
        UUID(opened["case_id"]),
    )
    return list(found)


async def save(owner: asyncpg.Connection, arguments: Any) -> None:
    async with owner.transaction():
        await owner.execute("set local role service_role")
        await owner.execute("select mortgage.save_calculation($1::jsonb)", json.dumps(arguments))


async def calculated(runtime: Runtime, service: Session, opened: dict[str, Any]) -> dict[str, Any]:
    """What the job of a case would save."""
    payload = {"case_id": opened["case_id"], "input_version": 1}
    job = Job("mortgage_calculation", 1, 1, payload, Clock().now())
    return dict((await calculate(job, JobContext(runtime, service))).arguments)


async def test_the_worker_advises_a_queued_case(
    owner: asyncpg.Connection, runtime: Runtime, open_case: Any
) -> None:
    opened = await open_case()
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(runtime, queues=["mortgage_calculation"]).run(stop))
    try:
        await eventually(lambda: calculations(owner, opened))
    finally:
        stop.set()
        await worker
    (row,) = await calculations(owner, opened)
    case = await owner.fetchrow("select * from scenario_cases where id = $1", UUID(opened["case_id"]))
    assert (row["calc_version"], row["input_version"]) == (1, 1)
    assert (case["recommendation"], case["net_savings"]) == (row["recommendation"], row["net_savings"])
    assert (case["latest_calc_version"], case["status"]) == (1, "draft")
    assert await owner.fetchval("select count(*) from pgmq.q_mortgage_calculation") == 0


class TestSaving:
    async def test_adds_the_event(self, owner: asyncpg.Connection, open_case: Any, advise_case: Any) -> None:
        opened = await open_case()
        await advise_case(opened)
        (row,) = await calculations(owner, opened)
        event = await owner.fetchrow("select * from scenario_events where event_type = 'calculation'")
        payload = json.loads(event["payload_json"], parse_float=Decimal)
        assert payload == {
            "calc_version": 1,
            "input_version": 1,
            "recommendation": row["recommendation"],
            "net_savings": row["net_savings"],
            "hassle_score": row["hassle_score"],
        }

    async def test_again_changes_nothing(
        self, owner: asyncpg.Connection, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case()
        for _ in range(3):
            await advise_case(opened)
        assert len(await calculations(owner, opened)) == 1
        assert await owner.fetchval("select count(*) from scenario_events") == 2
        assert await owner.fetchval("select count(*) from mortgage.calculation_facts") == 1

    async def test_twenty_at_once_keeps_one(
        self, owner: asyncpg.Connection, runtime: Runtime, service: Session, open_case: Any, database: str
    ) -> None:
        opened = await open_case()
        arguments = await calculated(runtime, service, opened)
        async with asyncpg.create_pool(database, min_size=10, max_size=10) as pool:

            async def save_in_pool() -> None:
                async with pool.acquire() as connection:
                    await save(connection, arguments)

            await asyncio.gather(*(save_in_pool() for _ in range(20)))
        assert [row["calc_version"] for row in await calculations(owner, opened)] == [1]

    async def test_with_new_facts_adds_a_version(
        self, owner: asyncpg.Connection, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case()
        await advise_case(opened)
        await owner.execute(
            """
            insert into mortgage.rate_facts (fact_key, value, unit, effective_from, source, rule_version)
            select fact_key, value + 1, unit, current_date - 1, 'test', 'sg-test.1'
            from mortgage.rate_facts where fact_key = 'refinance_fixed_rate'
            """
        )
        await advise_case(opened)
        first, second = await calculations(owner, opened)
        assert (first["calc_version"], second["calc_version"]) == (1, 2)
        assert first["facts_hash"] != second["facts_hash"]
        case = await owner.fetchrow("select * from scenario_cases")
        assert (case["latest_calc_version"], case["recommendation"]) == (2, second["recommendation"])

    async def test_of_older_inputs_leaves_the_cases_recommendation(
        self, owner: asyncpg.Connection, runtime: Runtime, service: Session, open_case: Any
    ) -> None:
        opened = await open_case()
        arguments = await calculated(runtime, service, opened)
        await owner.execute(
            "select mortgage.add_inputs(c.tenant_id, c.id, $1::jsonb, 'test') from scenario_cases c",
            json.dumps({"loan_amount": 1, "tenure_months": 1, "property_type": "hdb", "current_bank": "dbs"}),
        )
        await save(owner, arguments)
        case = await owner.fetchrow("select * from scenario_cases")
        assert (case["latest_input_version"], case["latest_calc_version"]) == (2, 1)
        assert case["recommendation"] is None

    async def test_refuses_a_case_that_is_not_there(self, owner: asyncpg.Connection) -> None:
        arguments = {"case_id": str(uuid4()), "input_version": 1, "advice": {}, "record": {}}
        with pytest.raises(asyncpg.PostgresError, match="case_not_found"):
            await save(owner, arguments)


class TestTheRecord:
    async def test_replays_to_the_same_hash(
        self, owner: asyncpg.Connection, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case()
        await advise_case(opened)
        (row,) = await calculations(owner, opened)
        record = json.loads(await owner.fetchval("select record_json from mortgage.calculation_facts"))
        assert replay(record).result_hash == row["result_hash"] == record["result_hash"]

    async def test_rates_and_bank_stay_out_of_the_scenario_tables(
        self, owner: asyncpg.Connection, open_case: Any, advise_case: Any
    ) -> None:
        await advise_case(await open_case())
        for table in ("cases", "inputs", "calculations", "events"):
            text = await owner.fetchval(f"select string_agg(t::text, '') from public.scenario_{table} t")
            assert text
            assert BANK not in text
            assert str(RATE) not in text
            assert "current_rate" not in text.replace("current_rate_assumed", "")


class TestInputs:
    async def test_are_read_exactly(self, service: Session, open_case: Any) -> None:
        opened = await open_case()
        given = await service.call(
            "get_calculation_inputs", {"case_id": opened["case_id"], "input_version": 1}
        )
        assert given["inputs"] == {
            "loan_amount": "750000.5",
            "tenure_months": 300,
            "property_type": "private_condo",
            "current_rate": "3.6725",
            "lock_in_remaining": 4,
            "owner_occupied": True,
            "income_profile": {"monthly_income_fixed": "12000", "other_monthly_debt": "450.75"},
        }

    async def test_without_a_rate_are_advised_on_the_baseline(
        self, owner: asyncpg.Connection, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case(changes={"inputs.current_rate": ABSENT, "inputs.income_profile": ABSENT})
        await advise_case(opened)
        (row,) = await calculations(owner, opened)
        assert {"current_rate_assumed", "affordability_unknown"} <= set(row["reason_codes"])
        assert row["affordability_json"] is None

    async def test_that_are_not_there_are_refused(self, service: Session) -> None:
        with pytest.raises(RpcError) as refused:
            await service.call("get_calculation_inputs", {"case_id": uuid4(), "input_version": 1})
        assert (refused.value.status, refused.value.code) == (404, "inputs_not_found")

    async def test_come_with_the_facts_in_force_today(
        self, owner: asyncpg.Connection, service: Session, open_case: Any
    ) -> None:
        await owner.execute(
            """
            insert into mortgage.rate_facts (fact_key, value, unit, effective_from, source, rule_version)
            values ('sora_3m', 9, 'percent_pa', current_date + 30, 'next month', 'sg-test.1')
            """
        )
        opened = await open_case()
        given = await service.call(
            "get_calculation_inputs", {"case_id": opened["case_id"], "input_version": 1}
        )
        values = {fact["fact_key"]: fact["value"] for fact in given["facts"]}
        assert len(values) == len(given["facts"])
        assert (values["sora_3m"], values["tdsr_limit"]) == ("1.15", "55")
