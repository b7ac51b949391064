"""The repository answers who got what and when: one person or many, in one query, and nothing is no error."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.modules.notifications.enums import DeliveryStatus, ScenarioType
from casebase.modules.notifications.models import ScenarioNotification
from casebase.modules.notifications.repository import ScenarioNotificationRepository
from tests.notifications.conftest import TODAY, MakeMentor, People

INACTIVITY = ScenarioType.INACTIVITY


@pytest.fixture
def repository(api: Database) -> ScenarioNotificationRepository:
    return ScenarioNotificationRepository(api)


@pytest.fixture
async def mentor(make_mentor: MakeMentor) -> UUID:
    return await make_mentor(0)


@pytest.fixture
def insert(repository: ScenarioNotificationRepository, people: People, mentor: UUID) -> Any:
    async def insert(
        moment: datetime,
        status: DeliveryStatus = DeliveryStatus.SENT,
        user_id: UUID = mentor,
        organization_id: UUID = people.default_tenant,
        **fields: Any,
    ) -> ScenarioNotification:
        return await repository.insert_notification(
            {
                "user_id": user_id,
                "organization_id": organization_id,
                "scenario_type": INACTIVITY,
                "triggered_at": moment,
                "delivery_status": status,
                **fields,
            }
        )

    return insert


class TestLastSentAt:
    async def test_is_none_for_who_never_got_one(
        self, repository: ScenarioNotificationRepository, mentor: UUID
    ) -> None:
        assert await repository.get_last_sent_at(mentor, INACTIVITY) is None
        assert await repository.get_last_sent_at(uuid4(), INACTIVITY) is None

    async def test_is_the_latest_of_several(
        self, repository: ScenarioNotificationRepository, mentor: UUID, insert: Any
    ) -> None:
        for days in (0, 90, 45):
            await insert(TODAY - timedelta(days=days))
        assert await repository.get_last_sent_at(mentor, INACTIVITY) == TODAY

    async def test_is_of_its_own_scenario(
        self, repository: ScenarioNotificationRepository, mentor: UUID, insert: Any
    ) -> None:
        await insert(TODAY)
        assert await repository.get_last_sent_at(mentor, ScenarioType.WELCOME_BACK) is None

    @pytest.mark.parametrize(
        ("status", "counts"),
        [(DeliveryStatus.PENDING, True), (DeliveryStatus.SENT, True), (DeliveryStatus.FAILED, False)],
    )
    async def test_leaves_failed_ones_out(
        self,
        repository: ScenarioNotificationRepository,
        mentor: UUID,
        insert: Any,
        status: DeliveryStatus,
        counts: bool,
    ) -> None:
        await insert(TODAY, status)
        found = await repository.get_last_sent_at(mentor, INACTIVITY)
        assert found == (TODAY if counts else None)

    async def test_is_of_one_organisation_or_any(
        self,
        repository: ScenarioNotificationRepository,
        owner: asyncpg.Connection,
        mentor: UUID,
        insert: Any,
        people: People,
    ) -> None:
        await owner.execute(
            "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')",
            people.other_tenant,
            mentor,
        )
        await insert(TODAY - timedelta(days=3))
        await insert(TODAY, organization_id=people.other_tenant)
        assert await repository.get_last_sent_at(mentor, INACTIVITY) == TODAY
        assert await repository.get_last_sent_at(
            mentor, INACTIVITY, organization_id=people.default_tenant
        ) == TODAY - timedelta(days=3)

    async def test_of_many_lists_those_who_have_one(
        self, repository: ScenarioNotificationRepository, make_mentor: MakeMentor, insert: Any
    ) -> None:
        mentors = [await make_mentor(0) for _ in range(4)]
        expected = {}
        for days, user_id in enumerate(mentors[:3]):
            await insert(TODAY - timedelta(days=60), user_id=user_id)
            expected[user_id] = (await insert(TODAY - timedelta(days=days), user_id=user_id)).triggered_at
        asked = [*mentors, mentors[0], uuid4()]
        assert await repository.get_last_sent_times(asked, "inactivity") == expected
        assert await repository.get_last_sent_times([], "inactivity") == {}


class TestSentSinceThreshold:
    @pytest.mark.parametrize(
        ("cutoff", "is_sent"),
        [
            (TODAY - timedelta(microseconds=1), True),
            (TODAY, True),
            (TODAY + timedelta(microseconds=1), False),
        ],
    )
    async def test_is_true_at_the_cutoff_or_later(
        self,
        repository: ScenarioNotificationRepository,
        mentor: UUID,
        insert: Any,
        cutoff: datetime,
        is_sent: bool,
    ) -> None:
        await insert(TODAY)
        assert await repository.has_been_sent_since_threshold(mentor, INACTIVITY, cutoff) is is_sent

    async def test_leaves_failed_ones_and_other_scenarios_out(
        self, repository: ScenarioNotificationRepository, mentor: UUID, insert: Any
    ) -> None:
        await insert(TODAY, DeliveryStatus.FAILED)
        await insert(TODAY, scenario_type="welcome_back")
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        assert await repository.has_been_sent_since_threshold(mentor, INACTIVITY, long_ago) is False
        assert await repository.has_been_sent_since_threshold(mentor, "welcome_back", long_ago) is True

    async def test_of_many_lists_those_who_got_one(
        self, repository: ScenarioNotificationRepository, make_mentor: MakeMentor, insert: Any
    ) -> None:
        mentors = [await make_mentor(0) for _ in range(3)]
        for days, user_id in enumerate(mentors):
            await insert(TODAY - timedelta(days=days), user_id=user_id)
        since = await repository.have_been_sent_since_threshold(
            mentors, INACTIVITY, TODAY - timedelta(days=1)
        )
        assert since == set(mentors[:2])


class TestMilestoneRecord:
    async def test_is_none_where_there_is_none(
        self, repository: ScenarioNotificationRepository, mentor: UUID
    ) -> None:
        assert await repository.get_milestone_record(mentor, 50) is None

    @pytest.mark.parametrize("status", DeliveryStatus)
    async def test_is_the_one_of_that_count_whatever_became_of_it(
        self,
        repository: ScenarioNotificationRepository,
        mentor: UUID,
        insert: Any,
        status: DeliveryStatus,
    ) -> None:
        milestone = {"scenario_type": "milestone"}
        await insert(TODAY - timedelta(days=9), milestone_value=25, **milestone)
        written = await insert(TODAY, status, milestone_value=50, **milestone)
        assert await repository.get_milestone_record(mentor, 50) == written
        assert written.delivery_status is status

    async def test_of_many_are_by_person(
        self, repository: ScenarioNotificationRepository, make_mentor: MakeMentor, insert: Any
    ) -> None:
        mentors = [await make_mentor(0) for _ in range(3)]
        for user_id in mentors[:2]:
            await insert(TODAY, user_id=user_id, scenario_type="milestone", milestone_value=10)
        records = await repository.get_milestone_records(mentors, 10)
        assert set(records) == set(mentors[:2])
        assert {record.milestone_value for record in records.values()} == {10}


class TestQueries:
    async def test_of_five_hundred_people_are_one(self, api: Database) -> None:
        executed = 0

        class Counting(Database):
            async def rpc(self, *arguments: Any, **options: Any) -> Any:
                nonlocal executed
                executed += 1
                return await super().rpc(*arguments, **options)

        repository = ScenarioNotificationRepository(Counting(api.pool))
        many = [uuid4() for _ in range(500)]
        await repository.get_last_sent_times(many, INACTIVITY)
        await repository.have_been_sent_since_threshold(many, INACTIVITY, TODAY)
        await repository.get_milestone_records(many, 10)
        assert executed == 3


async def test_of_fifty_writers_one_succeeds(
    repository: ScenarioNotificationRepository, mentor: UUID, insert: Any
) -> None:
    outcomes = await asyncio.gather(
        *(insert(TODAY + timedelta(seconds=n)) for n in range(50)), return_exceptions=True
    )
    [written] = [outcome for outcome in outcomes if isinstance(outcome, ScenarioNotification)]
    assert {outcome.code for outcome in outcomes if outcome is not written} == {"cooldown_active"}
    assert await repository.get_last_sent_at(mentor, INACTIVITY) == written.triggered_at
