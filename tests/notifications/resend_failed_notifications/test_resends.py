"""A failed notification is sent again as the same row under the same key, and begins its cooldown anew."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal
from casebase.kernel.runtime import Runtime
from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.dispatching import effects, job_count, notification, to_webhook, work
from tests.notifications.facts import be_active, certify, configure, fail_all, prefer, told
from tests.support.receiver import Receiver

SOON = TODAY + timedelta(hours=2)


@pytest.fixture
async def fail(owner: asyncpg.Connection, evaluate: Evaluate) -> Any:
    """Write what a rule finds, and have it fail."""

    async def run(scenario_type: str) -> None:
        await evaluate(scenario_types=[scenario_type])
        await owner.execute("delete from pgmq.q_notifications_dispatch")
        await fail_all(owner)
        await owner.execute("update scenario_notifications set error_code = 'push_unavailable', attempts = 8")

    return run


@pytest.fixture
async def failed(owner: asyncpg.Connection, people: People) -> Any:
    """Write a notification of somebody that failed, with changes; return its id."""

    async def write(user_id: UUID, scenario_type: str, **changes: Any) -> UUID:
        row = {
            "user_id": user_id,
            "organization_id": people.default_tenant,
            "scenario_type": scenario_type,
            "triggered_at": TODAY,
            "delivery_status": "failed",
            **changes,
        }
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        written: UUID = await owner.fetchval(
            f"insert into scenario_notifications ({', '.join(row)}) values ({places}) returning id",
            *row.values(),
        )
        return written

    return write


async def resend(runtime: Runtime, who: Principal, **payload: Any) -> dict[str, Any]:
    reply: dict[str, Any] = await runtime.session(who).call(
        "resend_failed_notifications", {"payload": payload}
    )
    return reply


async def skipped(runtime: Runtime, who: Principal, notification_id: UUID) -> str:
    """Return why a notification was not sent again."""
    reply = await resend(runtime, who, notification_ids=[str(notification_id)])
    assert reply["resent"] == []
    [left] = reply["skipped"]
    assert left["notification_id"] == str(notification_id)
    reason: str = left["reason"]
    return reason


class TestByIds:
    async def test_it_is_pending_again_and_sent_under_its_key(
        self,
        owner: asyncpg.Connection,
        at: At,
        people: People,
        hook: Receiver,
        make_mentor: MakeMentor,
        fail: Any,
    ) -> None:
        await make_mentor(last_active=40)
        await fail("inactivity")
        row = await notification(owner)
        runtime = await at(SOON, **to_webhook(hook))
        reply = await resend(runtime, people.admin, notification_ids=[str(row["id"])])
        assert reply == {"resent": [str(row["id"])], "skipped": [], "is_more": False}

        again = await notification(owner)
        assert (again["id"], again["delivery_status"], again["attempts"]) == (row["id"], "pending", 0)
        assert (again["error_code"], again["dedupe_key"]) == (None, row["dedupe_key"])
        assert SOON <= again["triggered_at"] == again["cooldown_window_start"] < SOON + timedelta(minutes=5)
        assert again["cooldown_until"] == again["triggered_at"] + timedelta(days=30)

        await work(runtime)
        assert (await notification(owner))["delivery_status"] == "sent"
        assert effects(hook.received) == {str(row["id"]): 1}

    async def test_its_numbers_are_those_of_the_day(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        await certify(owner, await make_mentor(), "First aid", TODAY.date() + timedelta(days=30))
        await fail("certification_expiry")
        [row] = await told(owner, "certification_expiry")
        await resend(await at(TODAY + timedelta(days=3)), people.admin, notification_ids=[str(row["id"])])
        [again] = await told(owner, "certification_expiry")
        assert (row["days"], again["days"]) == ("30", "27")

    async def test_a_reminder_takes_its_stages_back(
        self,
        owner: asyncpg.Connection,
        at: At,
        people: People,
        make_mentor: MakeMentor,
        fail: Any,
        evaluate: Evaluate,
    ) -> None:
        await certify(owner, await make_mentor(), "First aid", TODAY.date() + timedelta(days=30))
        await fail("certification_expiry")
        row = await notification(owner)
        await resend(await at(SOON), people.admin, notification_ids=[str(row["id"])])
        reply = await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=2))
        assert reply["scenarios"] == {}

    async def test_a_milestone_is_sent_however_long_ago_it_failed(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        await make_mentor(10)
        await fail("milestone")
        row = await notification(owner)
        late = await at(TODAY + timedelta(days=200))
        reply = await resend(late, people.admin, notification_ids=[str(row["id"])])
        assert reply["resent"] == [str(row["id"])]


class TestIsLeftAlone:
    async def test_one_that_did_not_fail(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, evaluate: Evaluate
    ) -> None:
        await make_mentor(last_active=40)
        await evaluate(scenario_types=["inactivity"])
        row = await notification(owner)
        assert await skipped(await at(SOON), people.admin, row["id"]) == "not_failed"
        assert await job_count(owner) == 1

    async def test_one_that_a_newer_one_blocks(
        self,
        owner: asyncpg.Connection,
        at: At,
        people: People,
        make_mentor: MakeMentor,
        fail: Any,
        evaluate: Evaluate,
    ) -> None:
        await make_mentor(last_active=40)
        await fail("inactivity")
        row = await notification(owner)
        await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=1))
        later = await at(TODAY + timedelta(days=2))
        assert await skipped(later, people.admin, row["id"]) == "cooldown"
        reply = await resend(later, people.admin, scenario_type="inactivity")
        assert reply == {"resent": [], "skipped": [], "is_more": False}

    async def test_all_but_one_of_several_in_one_cooldown(
        self, at: At, people: People, make_mentor: MakeMentor, failed: Any
    ) -> None:
        mentor = await make_mentor()
        ids = [await failed(mentor, "inactivity", triggered_at=TODAY + timedelta(days=n)) for n in range(3)]
        reply = await resend(
            await at(TODAY + timedelta(days=4)), people.admin, notification_ids=[str(each) for each in ids]
        )
        # The person was active on the first of the days.
        assert reply["resent"] == [str(ids[2])]
        assert {each["notification_id"]: each["reason"] for each in reply["skipped"]} == {
            str(ids[0]): "outdated",
            str(ids[1]): "cooldown",
        }

    async def test_one_of_who_was_active_since(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        mentor = await make_mentor(last_active=40)
        await fail("inactivity")
        await be_active(owner, mentor, TODAY.date())
        row = await notification(owner)
        assert await skipped(await at(SOON), people.admin, row["id"]) == "outdated"

    async def test_days_are_those_where_the_person_lives(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        mentor = await make_mentor(last_active=40)
        # Where it is still the day before: active on it means active since.
        await prefer(owner, mentor, "inactivity", timezone="Pacific/Pago_Pago")
        await fail("inactivity")
        await be_active(owner, mentor, TODAY.date() - timedelta(days=1))
        row = await notification(owner)
        assert await skipped(await at(SOON), people.admin, row["id"]) == "outdated"

    @pytest.mark.parametrize("days", [365, -365])
    async def test_one_of_a_certification_that_has_another_day_by_now(
        self,
        owner: asyncpg.Connection,
        at: At,
        people: People,
        make_mentor: MakeMentor,
        fail: Any,
        days: int,
    ) -> None:
        mentor = await make_mentor()
        await certify(owner, mentor, "First aid", TODAY.date() + timedelta(days=30))
        await fail("certification_expiry")
        await certify(owner, mentor, "First aid", TODAY.date() + timedelta(days=days))
        row = await notification(owner)
        assert await skipped(await at(SOON), people.admin, row["id"]) == "outdated"

    async def test_one_that_is_older_than_seven_days(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        await make_mentor(last_active=40)
        await fail("inactivity")
        row = await notification(owner)
        late = await at(TODAY + timedelta(days=7, minutes=1))
        assert await skipped(late, people.admin, row["id"]) == "outdated"


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"days": "many"},
        {"days": 3, "certifications": "all"},
        {"days": 3, "certifications": [7, None, {"id": 1}]},
        {"certifications": {"id": "x", "expires_on": "x", "stage": "x"}},
    ],
)
@pytest.mark.parametrize("scenario_type", ["inactivity", "certification_expiry"])
async def test_whatever_a_service_wrote_beside_one_is_no_error(
    owner: asyncpg.Connection,
    at: At,
    people: People,
    make_mentor: MakeMentor,
    failed: Any,
    scenario_type: str,
    metadata: dict[str, Any] | None,
) -> None:
    written = None if metadata is None else json.dumps(metadata)
    await failed(await make_mentor(last_active=40), scenario_type, metadata=written)
    row = await notification(owner)
    later = await at(TODAY + timedelta(days=2))
    reply = await resend(later, people.admin, notification_ids=[str(row["id"])])
    is_told = bool(metadata and "certifications" in metadata and scenario_type == "certification_expiry")
    assert reply["resent"] == ([] if is_told else [str(row["id"])])
    await work(later)
    assert (await notification(owner))["delivery_status"] == ("failed" if is_told else "sent")


class TestByScenario:
    async def test_all_of_it_that_can_be_are_sent(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        mentors = [await make_mentor(10, last_active=40) for _ in range(3)]
        await make_mentor(10, last_active=40, organization_id=people.other_tenant)
        await fail("inactivity")
        await fail("milestone")
        await be_active(owner, mentors[0], TODAY.date())
        runtime = await at(SOON)
        reply = await resend(runtime, people.admin, scenario_type="inactivity")
        assert (len(reply["resent"]), reply["skipped"], reply["is_more"]) == (2, [], False)
        pending = await owner.fetch(
            "select user_id, scenario_type from scenario_notifications where delivery_status = 'pending'"
        )
        assert {tuple(row) for row in pending} == {(mentor, "inactivity") for mentor in mentors[1:]}
        assert await job_count(owner) == 2

    async def test_by_the_service_for_any_organisation(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
    ) -> None:
        await make_mentor(last_active=40, organization_id=people.other_tenant)
        await fail("inactivity")
        reply = await resend(
            await at(SOON),
            Principal("service_role"),
            organization_id=str(people.other_tenant),
            scenario_type="inactivity",
        )
        assert len(reply["resent"]) == 1

    async def test_a_reminder_that_was_told_again_later_is_in_nobodys_way(
        self,
        owner: asyncpg.Connection,
        at: At,
        people: People,
        make_mentor: MakeMentor,
        fail: Any,
        evaluate: Evaluate,
    ) -> None:
        await certify(owner, await make_mentor(), "First aid", TODAY.date() + timedelta(days=30))
        await fail("certification_expiry")
        failed = await notification(owner)
        await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=1, minutes=1))
        # Behind its cooldown nothing forbids the older one but that it was told.
        later = await at(TODAY + timedelta(days=3))
        reply = await resend(later, people.admin, scenario_type="certification_expiry")
        assert reply == {"resent": [], "skipped": [], "is_more": False}
        assert await skipped(later, people.admin, failed["id"]) == "outdated"

    async def test_a_return_that_was_answered_meanwhile_is_in_nobodys_way(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, failed: Any
    ) -> None:
        mentor = await make_mentor()
        for day, status in ((0, "failed"), (1, "pending")):
            moment = TODAY + timedelta(days=day)
            await failed(
                mentor,
                "welcome_back",
                triggered_at=moment,
                cooldown_until=moment,
                delivery_status=status,
                dedupe_key="one return",
            )
        await configure(owner, "welcome_back", cooldown=timedelta(hours=1))
        reply = await resend(await at(TODAY + timedelta(days=3)), people.admin, scenario_type="welcome_back")
        assert reply == {"resent": [], "skipped": [], "is_more": False}

    async def test_one_that_names_a_certification_twice_is_sent(
        self, owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, failed: Any
    ) -> None:
        mentor = await make_mentor()
        expires_on = TODAY.date() + timedelta(days=30)
        certification = await certify(owner, mentor, "First aid", expires_on)
        told_twice = [{"id": str(certification), "expires_on": str(expires_on), "stage": 30}] * 2
        await failed(mentor, "certification_expiry", metadata=json.dumps({"certifications": told_twice}))
        reply = await resend(await at(SOON), people.admin, scenario_type="certification_expiry")
        assert len(reply["resent"]) == 1

    async def test_what_fails_again_at_once_is_in_nobodys_way(
        self, owner: asyncpg.Connection, at: At, people: People
    ) -> None:
        await owner.execute(
            """
            with person as (
                insert into auth.users (email) select n || '@mentors.example' from generate_series(1, 1001) n returning id
            )
            insert into scenario_notifications (
                user_id, organization_id, scenario_type, triggered_at, delivery_status, milestone_value)
            select p.id, $1, 'milestone', $2, 'failed', 10 from person p
            """,
            people.default_tenant,
            TODAY,
        )
        runtime = await at(SOON)
        first = await resend(runtime, people.admin, scenario_type="milestone")
        await fail_all(owner)
        second = await resend(runtime, people.admin, scenario_type="milestone")
        assert (len(first["resent"]), first["is_more"]) == (1000, True)
        assert len({*first["resent"], *second["resent"]}) == 1001


async def test_of_fifty_who_ask_at_once_one_sends_it(
    owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor, fail: Any
) -> None:
    await make_mentor(last_active=40)
    await fail("inactivity")
    row = await notification(owner)
    runtime = await at(SOON)
    replies = await asyncio.gather(
        *(resend(runtime, people.admin, notification_ids=[str(row["id"])]) for _ in range(50))
    )
    assert sorted(len(reply["resent"]) for reply in replies) == [0] * 49 + [1]
    assert {each["reason"] for reply in replies for each in reply["skipped"]} == {"not_failed"}
    assert await job_count(owner) == 1


async def test_beside_racing_engines_there_is_one_in_the_cooldown(
    owner: asyncpg.Connection,
    at: At,
    people: People,
    make_mentor: MakeMentor,
    fail: Any,
    api_url: str,
) -> None:
    for _ in range(10):
        await make_mentor(last_active=40)
    await fail("inactivity")
    when = TODAY + timedelta(days=2)
    runtime = await at(when)

    async def evaluate_again(database: Database) -> None:
        payload = {"scenario_types": ["inactivity"], "now": when.isoformat()}
        await database.session(Principal("service_role")).call("evaluate_scenarios", {"payload": payload})

    async def resend_all() -> None:
        await resend(runtime, people.admin, scenario_type="inactivity")

    async with await Database.connect(api_url, pool_size=20) as database:
        await asyncio.gather(*(evaluate_again(database) if n % 2 else resend_all() for n in range(50)))
    counts = await owner.fetch(
        "select count(*) from scenario_notifications where delivery_status = 'pending' group by user_id"
    )
    assert [row[0] for row in counts] == [1] * 10
    assert await job_count(owner) == 10
