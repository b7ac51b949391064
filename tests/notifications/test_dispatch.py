"""From a pending notification to a sent or a failed one: each key one effect at its receiver."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.jobs import Queues
from casebase.kernel.runtime import Runtime
from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.dispatching import (
    QUEUE,
    TO_APPRISE,
    effects,
    job_count,
    live_tokens,
    make_due,
    notification,
    register,
    retry_at_once,
    to_webhook,
    uninstall_apprise,
    work,
)
from tests.notifications.facts import certify
from tests.support.receiver import Receiver


@pytest.fixture
async def sending(at: At, hook: Receiver) -> Runtime:
    """A runtime at ``TODAY`` that sends to the receiver."""
    return await at(**to_webhook(hook))


@pytest.fixture
async def inactive(owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate) -> UUID:
    """A mentor with a pending notification."""
    await retry_at_once(owner)
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    return mentor


class TestSent:
    async def test_once_and_recorded_with_its_job(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await register(owner, inactive, "token-of-a-phone")
        await work(sending)
        row = await notification(owner)
        assert (row["delivery_status"], row["attempts"]) == ("sent", 1)
        assert TODAY <= row["sent_at"] < TODAY + timedelta(minutes=5)
        assert (row["error_code"], row["skip_reason"]) == (None, None)
        assert effects(hook.received) == {str(row["id"]): 1}
        assert await job_count(owner) == 0

    async def test_by_the_log_where_nothing_is_set(
        self, owner: asyncpg.Connection, at: At, inactive: UUID, capsys: pytest.CaptureFixture[str]
    ) -> None:
        await register(owner, inactive, "token-of-a-phone")
        await work(await at())
        assert (await notification(owner))["delivery_status"] == "sent"
        out = capsys.readouterr()
        said = out.out + out.err
        assert "notification_logged" in said
        assert "token-of-a-phone" not in said

    async def test_not_again_by_a_job_that_comes_late(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        row = await notification(owner, inactive)
        for _ in range(2):
            await Queues(sending.database).enqueue(QUEUE, {"notification_id": str(row["id"])})
        await work(sending)
        await work(sending)
        assert effects(hook.received).keys() == {str(row["id"])}
        assert (await notification(owner))["attempts"] == 1
        assert await job_count(owner) == 0

    async def test_nothing_is_sent_of_a_person_who_is_gone(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await owner.execute("delete from auth.users where id = $1", inactive)
        await work(sending)
        assert hook.received == []
        assert await job_count(owner) == 0


class TestTriedAgain:
    async def test_under_the_same_key_until_it_is_taken(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        hook.answer = lambda _: 503 if len(hook.received) < 3 else 204
        await work(sending)
        row = await notification(owner, inactive)
        assert (row["delivery_status"], row["attempts"], row["error_code"]) == ("sent", 3, None)
        assert effects(hook.received) == {str(row["id"]): 1}
        assert len(hook.received) == 3

    async def test_later_each_time_and_not_before_the_receiver_wants(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await owner.execute("update casebase.queues set backoff_s = 100 where name = $1", QUEUE)
        hook.answer = lambda _: 429
        delay = "select extract(epoch from vt - enqueued_at) from pgmq.q_notifications_dispatch"
        await work(sending)
        assert 75 <= await owner.fetchval(delay) <= 102
        row = await notification(owner, inactive)
        assert (row["delivery_status"], row["attempts"]) == ("pending", 1)
        assert row["error_code"] == "push_unavailable"
        await make_due(owner)
        await work(sending)
        assert 150 <= await owner.fetchval(delay) <= 202
        hook.headers["retry-after"] = "1800"
        await make_due(owner)
        await work(sending)
        assert 1799 <= await owner.fetchval(delay) <= 1802

    async def test_until_its_attempts_are_used_up(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        hook.answer = lambda _: 500
        await work(sending)
        row = await notification(owner, inactive)
        assert (row["delivery_status"], row["attempts"]) == ("failed", 8)
        assert (row["error_code"], row["skip_reason"]) == ("push_unavailable", None)
        assert len(hook.received) == 8
        assert await job_count(owner) == 0

    async def test_never_where_the_receiver_refuses_the_message(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        hook.answer = lambda _: 422
        await work(sending)
        row = await notification(owner, inactive)
        assert (row["delivery_status"], row["attempts"]) == ("failed", 1)
        assert row["error_code"] == "push_refused"
        assert len(hook.received) == 1


async def test_the_operators_hear_once_a_day_that_nothing_is_taken(
    owner: asyncpg.Connection, sending: Runtime, hook: Receiver, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentors = [await make_mentor(last_active=40) for _ in range(3)]
    await evaluate(scenario_types=["inactivity"])
    await owner.execute("delete from tenant_users where user_id = $1", mentors[0])
    hook.answer = lambda _: 422
    await work(sending)
    rows = await owner.fetch("select message ->> 'kind', message ->> 'body' from pgmq.q_casebase_alerts")
    [(kind, body)] = rows
    assert kind == "notifications_failed"
    assert "push_refused" in body


class TestRevokedTokens:
    async def test_are_marked_and_not_sent_to_again(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await register(owner, inactive, "token-of-a-phone", "token-of-a-tablet")
        hook.answer = lambda _: 200
        hook.body = lambda _: b'{"revoked_tokens": ["token-of-a-tablet", "token-of-nobody"]}'
        await work(sending)
        assert await live_tokens(owner) == ["token-of-a-phone"]
        assert (await notification(owner))["delivery_status"] == "sent"

    async def test_of_others_are_left_alone(
        self,
        owner: asyncpg.Connection,
        sending: Runtime,
        hook: Receiver,
        inactive: UUID,
        make_mentor: MakeMentor,
    ) -> None:
        await register(owner, inactive, "token-of-a-phone")
        await register(owner, await make_mentor(), "token-of-another")
        hook.answer = lambda _: 200
        hook.body = lambda _: b'{"revoked_tokens": ["token-of-another"]}'
        await work(sending)
        assert await live_tokens(owner) == ["token-of-a-phone", "token-of-another"]

    async def test_one_that_was_registered_anew_meanwhile_is_good(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await register(owner, inactive, "token-of-a-phone", "token-of-a-tablet")
        hook.answer = lambda _: 200
        hook.body = lambda _: b'{"revoked_tokens": ["token-of-a-phone"]}'
        # The real clock is ahead of the moved one, as it would be ahead of the moment of sending.
        await owner.execute("update device_tokens set last_seen_at = now() where token = 'token-of-a-phone'")
        await work(sending)
        assert await live_tokens(owner) == ["token-of-a-phone", "token-of-a-tablet"]

    async def test_without_any_other_it_reached_nobody(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await register(owner, inactive, "token-of-a-phone")
        hook.answer = lambda _: 200
        hook.body = lambda _: b'{"revoked_tokens": ["token-of-a-phone"]}'
        await work(sending)
        row = await notification(owner)
        assert (row["delivery_status"], row["skip_reason"]) == ("failed", "no_device")
        assert await live_tokens(owner) == []


class TestNotNow:
    async def test_in_quiet_hours_it_waits_for_their_end_without_an_attempt(
        self, owner: asyncpg.Connection, at: At, hook: Receiver, inactive: UUID
    ) -> None:
        await owner.execute(
            "insert into notifications.settings (organization_id, quiet_from, quiet_until)"
            " select id, '11:00', '13:30' from tenants"
        )
        await work(await at(**to_webhook(hook)))  # noon in Oslo
        row = await notification(owner)
        assert (row["delivery_status"], row["attempts"]) == ("pending", 0)
        delay = "select extract(epoch from vt - enqueued_at) from pgmq.q_notifications_dispatch"
        assert 85 * 60 < await owner.fetchval(delay) <= 90 * 60 + 1
        assert hook.received == []

        await make_due(owner)
        await work(await at(TODAY + timedelta(minutes=90), **to_webhook(hook)))
        assert (await notification(owner, inactive))["delivery_status"] == "sent"
        assert len(hook.received) == 1

    async def test_who_left_is_sent_nothing(
        self, owner: asyncpg.Connection, sending: Runtime, hook: Receiver, inactive: UUID
    ) -> None:
        await owner.execute("delete from tenant_users where user_id = $1", inactive)
        await work(sending)
        row = await notification(owner)
        assert (row["delivery_status"], row["skip_reason"]) == ("failed", "left_organization")
        assert (row["attempts"], row["error_code"]) == (0, None)
        assert hook.received == []

    async def test_a_reminder_of_what_was_renewed_is_not_sent_and_the_next_expiry_is_told(
        self,
        owner: asyncpg.Connection,
        sending: Runtime,
        hook: Receiver,
        make_mentor: MakeMentor,
        evaluate: Evaluate,
    ) -> None:
        mentor = await make_mentor()
        await certify(owner, mentor, "First aid", TODAY.date() + timedelta(days=7))
        await evaluate(scenario_types=["certification_expiry"])
        await certify(owner, mentor, "First aid", TODAY.date() + timedelta(days=60))
        await work(sending)
        row = await notification(owner)
        assert (row["delivery_status"], row["skip_reason"]) == ("failed", "outdated")
        assert hook.received == []
        reply = await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=1))
        assert reply["scenarios"] == {"certification_expiry": {"notified": 1}}

    async def test_a_failed_reminder_frees_its_stages_and_is_told_anew(
        self,
        owner: asyncpg.Connection,
        sending: Runtime,
        hook: Receiver,
        make_mentor: MakeMentor,
        evaluate: Evaluate,
    ) -> None:
        await retry_at_once(owner)
        mentor = await make_mentor()
        await certify(owner, mentor, "First aid", TODAY.date() + timedelta(days=30))
        await evaluate(scenario_types=["certification_expiry"])
        hook.answer = lambda _: 400
        await work(sending)
        assert (await notification(owner))["delivery_status"] == "failed"
        reply = await evaluate(scenario_types=["certification_expiry"])
        assert reply["scenarios"] == {"certification_expiry": {"failed_recently": 1}}
        reply = await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=1))
        assert reply["scenarios"] == {"certification_expiry": {"notified": 1}}


async def test_what_the_worker_lacks_leaves_the_notification_for_later(
    owner: asyncpg.Connection, at: At, inactive: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owner.execute("update casebase.queues set backoff_s = 30 where name = $1", QUEUE)
    uninstall_apprise(monkeypatch)
    await work(await at(**TO_APPRISE))
    [job] = await Queues((await at()).database).list_jobs(QUEUE)
    assert (job.job_state, job.error_code) == ("retrying", "configuration_invalid")
    assert (await notification(owner, inactive))["delivery_status"] == "pending"
