"""Reminders of reviews and alerts of ending consents: each once, as an event and as an alert."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.mortgage.leads import CONTACT

REVIEW_DUE = "update scenario_cases set next_review_at = date_trunc('hour', now()) - interval '1 hour'"
ENDS_SOON = "update consents set until = now() + interval '23 hours'"


async def send(service: Session) -> tuple[int, int]:
    answer = await service.call("send_case_reminders", {"batch_limit": 100})
    return answer["reminders"], answer["alerts"]


async def alerts(owner: asyncpg.Connection) -> list[dict[str, Any]]:
    return [
        json.loads(row[0])
        for row in await owner.fetch("select message from pgmq.q_casebase_alerts order by msg_id")
    ]


async def reminders(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch(
        "select payload_json ->> 'kind' from scenario_events where event_type = 'reminder'"
    )
    return sorted(row[0] for row in rows)


class TestAReview:
    async def test_is_reminded_of_once_it_is_due(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        assert await send(service) == (0, 0)
        await owner.execute(REVIEW_DUE)
        assert await send(service) == (1, 0)
        assert await reminders(owner) == ["review_due"]
        [alert] = await alerts(owner)
        assert await owner.fetchval("select reference from scenario_cases") in alert["title"]
        assert CONTACT["name"].split()[0] not in json.dumps(alert)

    async def test_is_reminded_of_once_whoever_looks_at_the_same_time(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        for _ in range(5):
            await open_case()
        await owner.execute(REVIEW_DUE)
        sent = await asyncio.gather(*(send(service) for _ in range(50)))
        assert sum(reminded for reminded, _ in sent) == 5
        assert await send(service) == (0, 0)
        assert (len(await reminders(owner)), len(await alerts(owner))) == (5, 5)

    async def test_that_is_moved_is_reminded_of_again(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(REVIEW_DUE)
        await send(service)
        await owner.execute("update scenario_cases set next_review_at = next_review_at + interval '1 minute'")
        assert await send(service) == (1, 0)

    async def test_cannot_be_reminded_of_twice_even_if_it_is_forgotten_that_it_was(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(REVIEW_DUE)
        await send(service)
        await owner.execute("update scenario_cases set reminded_for = null")
        assert await send(service) == (0, 0)
        assert await reminders(owner) == ["review_due"]

    async def test_of_a_closed_case_is_not_due(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case()
        await owner.execute(f"{REVIEW_DUE}, status = 'closed', closed_at = now()")
        assert await send(service) == (0, 0)


class TestAnEndingConsent:
    async def test_of_a_high_value_case_is_alerted_once(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case(changes={"inputs.loan_amount": 1_000_000})
        assert await send(service) == (0, 0)
        await owner.execute(ENDS_SOON)
        assert await send(service) == (0, 1)
        assert await send(service) == (0, 0)
        assert await reminders(owner) == ["consent_ending"]
        assert [alert["kind"] for alert in await alerts(owner)] == ["consent_ending"]

    async def test_of_a_smaller_case_is_not_alerted(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case(changes={"inputs.loan_amount": 999_999})
        await owner.execute(ENDS_SOON)
        assert await send(service) == (0, 0)

    async def test_is_judged_by_the_tenants_own_threshold(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case(changes={"inputs.loan_amount": 500_000})
        await owner.execute(ENDS_SOON)
        await owner.execute(
            "insert into mortgage.settings (tenant_id, high_value_loan) select casebase.default_tenant(), 400000"
        )
        assert await send(service) == (0, 1)

    async def test_that_is_over_or_extended_is_not_alerted(
        self, service: Session, owner: asyncpg.Connection, open_case: Any
    ) -> None:
        await open_case(changes={"inputs.loan_amount": 2_000_000})
        await owner.execute("update consents set withdrawn_at = now()")
        assert await send(service) == (0, 0)


async def test_the_schedules_job_sends_them(
    service: Session, owner: asyncpg.Connection, runtime: Runtime, open_case: Any
) -> None:
    await open_case()
    await owner.execute(REVIEW_DUE)
    await owner.execute("select casebase.enqueue('mortgage_reminders', '{}')")
    await Worker(runtime, ["mortgage_reminders"]).drain()
    assert await reminders(owner) == ["review_due"]
