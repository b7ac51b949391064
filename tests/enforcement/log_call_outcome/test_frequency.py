"""12 CFR 1006.14(b)(2): seven calls in seven days, and none in the seven days that begin with a conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.calls import add_attempts, add_call, in_days, refused_call, use_utc
from tests.enforcement.conftest import MakeJudgment
from tests.enforcement.judgments import Judgment


def day(days: int) -> str:
    """The beginning of a day of UTC, so many days from today, as the refusal tells it."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=days)).isoformat()


@pytest.fixture
async def judgment(owner: asyncpg.Connection, make_judgment: MakeJudgment) -> Judgment:
    made = await make_judgment()
    await use_utc(owner, made.tenant_id)
    return made


def call(judgment: Judgment, outcome: str, days: float) -> dict[str, Any]:
    return {"plaintiff_id": str(judgment.plaintiff_id), "outcome": outcome, "follow_up_at": in_days(days)}


class TestSevenInSevenDays:
    async def test_an_eighth_call_is_not_planned(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await add_attempts(owner, judgment.plaintiff_id, [5, 4, 3, 2, 1, 0])
        error = await refused_call(owner, service, "log_call_outcome", call(judgment, "no_answer", 1))
        assert (error.status, error.code) == (409, "call_frequency_exceeded")
        # Seven days from the first of the seven on, the window has room again.
        assert error.detail == {"field": "follow_up_at", "rule": "calls_per_window", "earliest_at": day(2)}

    async def test_a_seventh_call_is_planned(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await add_attempts(owner, judgment.plaintiff_id, [4, 3, 2, 1, 0])
        answer = await service.call("log_call_outcome", call(judgment, "no_answer", 1))
        assert answer["follow_up"] is not None
        assert answer["calls_in_window"] == 6

    async def test_the_call_itself_is_always_taken_down(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await add_attempts(owner, judgment.plaintiff_id, [3, 3, 2, 2, 1, 1, 0, 0])
        made = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "no_answer"}
        answer = await service.call("log_call_outcome", made)
        assert answer["calls_in_window"] == 9
        assert answer["next_call_allowed_at"] == day(5)

    async def test_calls_that_are_planned_count(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        for days in range(1, 7):
            await add_call(owner, judgment.plaintiff_id, due_in=timedelta(days=days))
        error = await refused_call(owner, service, "log_call_outcome", call(judgment, "no_answer", 3))
        assert (error.detail["rule"], error.detail["earliest_at"]) == ("calls_per_window", day(7))

    async def test_a_call_before_others_that_are_planned_counts_with_them(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        for days in range(3, 10):
            await add_call(owner, judgment.plaintiff_id, due_in=timedelta(days=days))
        assert (await service.call("log_call_outcome", call(judgment, "no_answer", 2)))["follow_up"]
        error = await refused_call(owner, service, "log_call_outcome", call(judgment, "busy", 3))
        assert error.code == "call_frequency_exceeded"

    async def test_a_week_ago_is_out_of_the_window(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await add_attempts(owner, judgment.plaintiff_id, [13, 12, 11, 10, 9, 8, 7])
        answer = await service.call("log_call_outcome", call(judgment, "no_answer", 1))
        assert answer["calls_in_window"] == 1


class TestAfterAConversation:
    @pytest.mark.parametrize("outcome", ["reached_hot", "reached_warm", "reached_cold"])
    async def test_no_call_is_planned_within_seven_days(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment, outcome: str
    ) -> None:
        error = await refused_call(owner, service, "log_call_outcome", call(judgment, outcome, 6))
        assert (error.status, error.code) == (409, "call_frequency_exceeded")
        assert error.detail == {
            "field": "follow_up_at",
            "rule": "quiet_days_after_conversation",
            "earliest_at": day(7),
        }

    async def test_an_earlier_conversation_counts_too(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await add_attempts(owner, judgment.plaintiff_id, {3: "reached_warm"})
        error = await refused_call(owner, service, "log_call_outcome", call(judgment, "no_answer", 3))
        assert error.detail["earliest_at"] == day(4)
        assert (await service.call("log_call_outcome", call(judgment, "no_answer", 4)))["follow_up"]

    async def test_who_asks_for_a_call_gets_it(self, service: Session, judgment: Judgment) -> None:
        answer = await service.call("log_call_outcome", call(judgment, "callback", 1))
        assert answer["follow_up"] is not None

    async def test_the_reply_tells_when_the_next_call_may_be(
        self, service: Session, judgment: Judgment
    ) -> None:
        made = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "reached_cold"}
        assert (await service.call("log_call_outcome", made))["next_call_allowed_at"] == day(7)


class TestATenant:
    async def test_may_have_a_rule_of_its_own(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await owner.execute(
            "update enforcement.settings set calls_per_window = 2, call_window_days = 3, quiet_days_after_conversation = 0"
        )
        await add_attempts(owner, judgment.plaintiff_id, {1: "reached_warm"})
        error = await refused_call(owner, service, "log_call_outcome", call(judgment, "reached_hot", 1))
        assert (error.detail["rule"], error.detail["earliest_at"]) == ("calls_per_window", day(2))

    async def test_may_do_without(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        await owner.execute("update enforcement.settings set is_call_rule_enabled = false")
        await add_attempts(owner, judgment.plaintiff_id, [2, 2, 1, 1, 1, 0, 0])
        answer = await service.call("log_call_outcome", call(judgment, "reached_hot", 0.1))
        assert (answer["calls_in_window"], answer["follow_up"] is None) == (8, False)

    async def test_has_its_own_days(
        self, owner: asyncpg.Connection, service: Session, judgment: Judgment
    ) -> None:
        """The same two calls are on one day in one zone, on two in the other."""
        await owner.execute(
            "update enforcement.settings set time_zone = 'Pacific/Honolulu', calls_per_window = 1, call_window_days = 1"
        )
        in_honolulu = "(date_trunc('day', now() at time zone 'Pacific/Honolulu') + interval '1 day' + {}) at time zone 'Pacific/Honolulu'"
        first, second = [
            await owner.fetchval(f"select ({in_honolulu.format(after)})::text")
            for after in ("interval '13 hours'", "interval '15 hours'")
        ]
        made = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "no_answer"}
        await service.call("log_call_outcome", {**made, "follow_up_at": first})
        error = await refused_call(owner, service, "log_call_outcome", {**made, "follow_up_at": second})
        assert error.code == "call_frequency_exceeded"
        await owner.execute(
            "update enforcement.settings set time_zone = 'UTC'"
        )  # where midnight lies between them
        assert (await service.call("log_call_outcome", {**made, "follow_up_at": second}))["follow_up"]
