"""Heuristic tags: each rule by its letter, when it begins and ends to hold, also by time alone; manual tags stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage.jobs import refresh_tags

# The lead of the tests has four months of lock-in left and is with Standard Chartered.
NO_LOCK_IN = {"inputs.lock_in_remaining": 0}


async def tags(session: Session, case_id: str) -> set[str]:
    case = await session.call("get_scenario_case", {"case_id": case_id})
    return {tag["tag"] for tag in case["tags"] if tag["source"] == "heuristic"}


async def record(session: Session, case_id: str, event_type: str, **fields: Any) -> None:
    payload = {"case_id": case_id, "event_type": event_type, **fields}
    await session.call("record_scenario_event", {"payload": payload})


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


@asynccontextmanager
async def later(api_url: str, **span: float) -> AsyncIterator[Session]:
    """The service, some time from now."""
    async with await Database.connect(api_url, clock_offset=timedelta(**span)) as api:
        yield api.session(SERVICE)


class TestPreemptive:
    @pytest.mark.parametrize(("months", "holds"), [(0, False), (1, True), (6, True), (7, False)])
    async def test_the_lock_in_ends_within_six_months(
        self, service: Session, open_case: Any, months: int, holds: bool
    ) -> None:
        opened = await open_case(changes={"inputs.lock_in_remaining": months})
        assert await tags(service, opened["case_id"]) == ({"#preemptive"} if holds else set())

    async def test_follows_the_latest_inputs(self, service: Session, open_case: Any) -> None:
        case_id = (await open_case())["case_id"]
        for months, expected in ((24, set()), (3, {"#preemptive"}), (0, set())):
            inputs = {"lock_in_remaining": months}
            await service.call("revise_scenario_inputs", {"payload": {"case_id": case_id, "inputs": inputs}})
            assert await tags(service, case_id) == expected


class TestCounterOffer:
    @pytest.fixture
    async def case_id(self, open_case: Any) -> str:
        return str((await open_case(changes=NO_LOCK_IN))["case_id"])

    async def test_the_current_bank_quotes_after_a_reveal(self, service: Session, case_id: str) -> None:
        await record(service, case_id, "reveal")
        assert await tags(service, case_id) == set()
        await record(service, case_id, "bank_quote", payload={"bank": "Standard Chartered"})
        assert await tags(service, case_id) == {"#counter_offer"}

    async def test_not_before_a_reveal_nor_another_bank(self, service: Session, case_id: str) -> None:
        await record(service, case_id, "bank_quote", payload={"bank": "Standard Chartered"})
        await record(service, case_id, "reveal")
        await record(service, case_id, "bank_quote", payload={"bank": "DBS"})
        assert await tags(service, case_id) == set()

    async def test_when_it_occurred_counts_not_when_it_was_told(self, service: Session, case_id: str) -> None:
        await record(
            service, case_id, "bank_quote", payload={"bank": "Standard Chartered"}, occurred_at=ago(days=1)
        )
        await record(service, case_id, "reveal", occurred_at=ago(days=2))
        assert await tags(service, case_id) == {"#counter_offer"}

    async def test_two_unknown_banks_need_not_be_the_same(self, service: Session, open_case: Any) -> None:
        changes = NO_LOCK_IN | {"inputs.current_bank": "Somebody's Bank"}
        case_id = (await open_case(changes=changes))["case_id"]
        await record(service, case_id, "reveal")
        await record(service, case_id, "bank_quote", payload={"bank": "Nobody's Bank"})
        assert await tags(service, case_id) == set()

    async def test_ends_when_another_bank_turns_out_to_be_the_current_one(
        self, service: Session, case_id: str
    ) -> None:
        await record(service, case_id, "reveal")
        await record(service, case_id, "bank_quote", payload={"bank": "Standard Chartered"})
        inputs = {"current_bank": "UOB"}
        await service.call("revise_scenario_inputs", {"payload": {"case_id": case_id, "inputs": inputs}})
        assert await tags(service, case_id) == set()


class TestRetentionRisk:
    @pytest.fixture
    async def case_id(self, owner: asyncpg.Connection, open_case: Any) -> str:
        opened = await open_case(changes=NO_LOCK_IN | {"consent.days": 60})
        await owner.execute("update scenario_cases set net_savings = 5000, recommendation = 'refinance'")
        return str(opened["case_id"])

    async def test_nobody_followed_up_within_a_week(self, service: Session, case_id: str) -> None:
        await record(service, case_id, "reveal", occurred_at=ago(days=7, minutes=1))
        assert await tags(service, case_id) == {"#retention_risk"}

    @pytest.mark.parametrize(
        ("after_reveal", "holds"),
        [
            (timedelta(), False),
            (timedelta(days=7), False),
            (timedelta(days=7, seconds=1), True),
            (-timedelta(hours=1), True),
        ],
    )
    async def test_a_follow_up_counts_within_the_week(
        self, service: Session, case_id: str, after_reveal: timedelta, holds: bool
    ) -> None:
        revealed_at = datetime.now(UTC) - timedelta(days=9)
        await record(service, case_id, "reveal", occurred_at=revealed_at.isoformat())
        await record(service, case_id, "follow_up", occurred_at=(revealed_at + after_reveal).isoformat())
        assert await tags(service, case_id) == ({"#retention_risk"} if holds else set())

    async def test_a_new_reveal_begins_a_new_week(self, service: Session, case_id: str) -> None:
        await record(service, case_id, "reveal", occurred_at=ago(days=20))
        assert await tags(service, case_id) == {"#retention_risk"}
        await record(service, case_id, "reveal", occurred_at=ago(days=1))
        assert await tags(service, case_id) == set()

    @pytest.mark.parametrize(
        ("savings", "threshold", "holds"),
        [("4999.99", None, False), ("900", 900, True), ("5000", 6000, False)],
    )
    async def test_the_tenant_says_how_much_is_at_stake(
        self,
        owner: asyncpg.Connection,
        service: Session,
        case_id: str,
        savings: str,
        threshold: int | None,
        holds: bool,
    ) -> None:
        await owner.execute("update scenario_cases set net_savings = $1", Decimal(savings))
        if threshold is not None:
            await owner.execute(
                "insert into mortgage.settings (tenant_id, retention_risk_savings) values (casebase.default_tenant(), $1)",
                threshold,
            )
        await record(service, case_id, "reveal", occurred_at=ago(days=8))
        assert await tags(service, case_id) == ({"#retention_risk"} if holds else set())

    async def test_a_calculation_may_put_savings_at_risk(
        self, service: Session, open_case: Any, advise_case: Any
    ) -> None:
        opened = await open_case(changes=NO_LOCK_IN)
        await record(service, opened["case_id"], "reveal", occurred_at=ago(days=8))
        assert await tags(service, opened["case_id"]) == set()
        await advise_case(opened)
        case = await service.call("get_scenario_case", {"case_id": opened["case_id"]})
        assert case["net_savings"] >= 5000
        assert await tags(service, opened["case_id"]) == {"#retention_risk"}

    async def test_time_alone_makes_it_hold(self, api_url: str, service: Session, case_id: str) -> None:
        await record(service, case_id, "reveal")
        assert await service.call("refresh_scenario_tags") == 0
        async with later(api_url, days=6) as soon:
            assert await soon.call("refresh_scenario_tags") == 0
        async with later(api_url, days=7, minutes=1) as then:
            assert await then.call("refresh_scenario_tags") == 1
            assert await tags(then, case_id) == {"#retention_risk"}
            assert await then.call("refresh_scenario_tags") == 0
            await record(then, case_id, "follow_up", occurred_at=datetime.now(UTC).isoformat())
            assert await tags(then, case_id) == set()

    async def test_the_job_goes_through_all_that_are_due(
        self,
        owner: asyncpg.Connection,
        runtime: Runtime,
        service: Session,
        open_case: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("casebase.modules.mortgage.jobs._TAG_BATCH", 2)
        for _ in range(5):
            await record(service, (await open_case())["case_id"], "reveal")
        await owner.execute(
            "update scenario_cases set net_savings = 5000, tags_due_at = now() - interval '1 minute'"
        )
        await refresh_tags(Job("mortgage_tags", 1, 1, {}, datetime.now(UTC)), JobContext(runtime, service))
        due = "select count(*) from scenario_cases where tags_due_at < now()"
        assert await owner.fetchval(due) == 0

    async def test_a_case_that_somebody_holds_is_left_for_the_next_run(
        self, owner: asyncpg.Connection, service: Session, case_id: str
    ) -> None:
        await owner.execute("update scenario_cases set tags_due_at = now() - interval '1 minute'")
        async with owner.transaction():
            await owner.execute("select from scenario_cases for update")
            assert await service.call("refresh_scenario_tags") == 0
        assert await service.call("refresh_scenario_tags") == 1


class TestTheirSource:
    async def test_a_rule_names_its_version(self, owner: asyncpg.Connection, open_case: Any) -> None:
        await open_case()
        row = await owner.fetchrow("select tag, source, rule_version from scenario_tags")
        assert tuple(row) == ("#preemptive", "heuristic", "tags-2026.1")

    @pytest.mark.parametrize("source", ["manual", "ai"])
    async def test_what_others_put_there_stays(
        self, owner: asyncpg.Connection, service: Session, open_case: Any, source: str
    ) -> None:
        case_id = (await open_case(changes=NO_LOCK_IN))["case_id"]
        await owner.execute(
            "insert into scenario_tags (case_id, tag, source) "
            "select $1, t, $2 from unnest('{#retention_risk,#counter_offer,#other}'::text[]) t",
            case_id,
            source,
        )
        await record(service, case_id, "reveal")
        rows = await owner.fetch("select tag, source::text from scenario_tags")
        assert {tuple(row) for row in rows} == {
            ("#retention_risk", source),
            ("#counter_offer", source),
            ("#other", source),
        }

    async def test_a_closed_case_keeps_the_tags_it_ended_with(
        self, api_url: str, service: Session, open_case: Any
    ) -> None:
        case_id = (await open_case())["case_id"]
        await record(service, case_id, "reveal")
        await service.call("record_scenario_outcome", {"payload": {"case_id": case_id, "decision": "stay"}})
        async with later(api_url, days=8) as then:
            assert await then.call("refresh_scenario_tags") == 0
        assert await tags(service, case_id) == {"#preemptive"}
