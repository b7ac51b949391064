"""Rules and reads find their rows through an index, among many: a batch by its stretch, a page by its length."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from tests.notifications.many_mentors import make_many_mentors
from tests.support import postgres
from tests.support.reads import call, plans, rows_read

# One worker runs them all, so that the people are made once.
pytestmark = pytest.mark.xdist_group("many_mentors")

COUNT = 10_000
STRETCH = 300
PAGE = 20
ALL = ["certification_expiry", "inactivity", "milestone", "welcome_back"]
RULES = [*([one] for one in ALL), ALL]
FIRST = UUID(int=0)
# A few rows each: tenants, rules, settings, queues and what a tenant's administrators wrote.
SMALL = {
    "casebase.queues", "casebase.clock", "notifications.run_counts", "notifications.scenario_defaults",
    "notifications.settings", "notifications.templates", "public.scenario_evaluation_config",
    "public.scenario_evaluation_runs", "public.tenants",
}  # fmt: skip


@pytest.fixture(scope="module")
def many_mentors(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many people, for tests that only read."""
    url = pg_server.create_database(postgres.our_modules())

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        await make_many_mentors(owner, COUNT, 10 * COUNT)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_mentors: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(many_mentors)
    yield connection
    await connection.close()


@pytest.fixture
async def admin(many: asyncpg.Connection) -> Principal:
    """Somebody who administers the default tenant."""
    user = await many.fetchval(
        "insert into auth.users (email) values (gen_random_uuid() || '@staff.example') returning id"
    )
    await many.execute(
        "insert into public.tenant_users (tenant_id, user_id, role) values (casebase.default_tenant(), $1, 'admin')",
        user,
    )
    return Principal("authenticated", sub=user)


@pytest.fixture
async def mentors(many: asyncpg.Connection) -> list[UUID]:
    """The first of the default tenant's people, in the order of the rules."""
    rows = await many.fetch(
        "select user_id from tenant_users where tenant_id = casebase.default_tenant() order by user_id limit $1",
        STRETCH,
    )
    return [row["user_id"] for row in rows]


def noon() -> datetime:
    return datetime.combine(datetime.now(UTC), time(12), UTC)


async def find_due(many: asyncpg.Connection, scenario_types: list[str], last_user: UUID) -> int:
    found: int = await many.fetchval(
        "select count(*) from notifications.find_due(casebase.default_tenant(), $1, $2, $3, $4)",
        scenario_types,
        noon(),
        FIRST,
        last_user,
    )
    return found


def assert_read_by_index(counted: Mapping[str, tuple[int, int]], at_most: Mapping[str, int] | int) -> None:
    """Nothing large was read from end to end, and of no table more than so many rows."""
    limits = at_most if isinstance(at_most, Mapping) else {}
    most = at_most if isinstance(at_most, int) else 0
    assert {
        table: read
        for table, read in counted.items()
        # One entry more tells a stretch's end.
        if table not in SMALL and (read[0] > 0 or read[1] > limits.get(table, most) + 2)
    } == {}


class TestRules:
    async def test_a_small_organisation_reads_of_its_own_people_alone(
        self, many: asyncpg.Connection, many_mentors: str
    ) -> None:
        async with rows_read(many) as counted:
            organization = await many.fetchval(
                "insert into tenants (slug, name) values ('small', 'Small') returning id"
            )
            # From all over the ids, so that everybody else is between them.
            members = await many.fetch(
                "insert into tenant_users (tenant_id, user_id) select $1, id from auth.users order by md5(id::text) limit 10 returning user_id",
                organization,
            )
            found = await many.fetchval(
                "select count(*) from notifications.find_due($1, $2, $3, $4, $5)",
                organization, ALL, noon() + timedelta(days=40), FIRST, UUID(int=2**128 - 1),
            )  # fmt: skip
        assert found > 0
        # Each has a row a scenario at most of the one; of the other, what they were told in a few weeks.
        assert sum(counted["public.notification_preferences"]) <= 4 * 2 * len(members)
        assert sum(counted["public.scenario_notifications"]) <= 20 * len(members)

    @pytest.mark.parametrize("scenario_types", RULES, ids="+".join)
    async def test_a_batch_is_a_stretch_of_each_table(
        self, many: asyncpg.Connection, mentors: list[UUID], scenario_types: list[str]
    ) -> None:
        # An index entry and its row count one each; notices are looked at for cooldowns and for milestones.
        limits = {
            "public.activities": 2 * await rows_of(many, "activities", mentors),
            "public.certifications": 2 * await rows_of(many, "certifications", mentors),
            "public.notification_preferences": 2 * await rows_of(many, "notification_preferences", mentors),
            "public.scenario_notifications": 4 * await rows_of(many, "scenario_notifications", mentors),
            "public.tenant_users": 2 * STRETCH,
            "notifications.certification_stages": 2 * STRETCH,
        }
        async with rows_read(many) as counted:
            assert await find_due(many, scenario_types, mentors[-1]) > 0
        assert_read_by_index(counted, limits)

    @pytest.mark.parametrize("scenario_types", RULES, ids="+".join)
    @pytest.mark.parametrize("people", ["few", "all"])
    async def test_nobody_is_compared_with_everybody(
        self, many: asyncpg.Connection, mentors: list[UUID], scenario_types: list[str], people: str
    ) -> None:
        async with plans(many) as found:
            await find_due(many, scenario_types, mentors[-1] if people == "few" else UUID(int=2**128 - 1))
        [rules] = [plan for plan in found if "mentor" in plan]
        assert "Join" in rules
        assert "Nested Loop" not in rules

    async def test_writing_a_batch_reads_no_other_people(
        self, many: asyncpg.Connection, mentors: list[UUID]
    ) -> None:
        payload = {
            "organization_id": await many.fetchval("select casebase.default_tenant()"),
            "now": noon().isoformat(),
            "limit": STRETCH,
            "run_key": "plans",
        }
        async with rows_read(many) as counted:
            reply = await call(many, SERVICE, "evaluate_scenarios", {"payload": payload})
        assert reply["evaluated"] == STRETCH
        assert {name: found["notified"] > 0 for name, found in reply["scenarios"].items()} == dict.fromkeys(
            ALL, True
        )
        activities = await rows_of(many, "activities", mentors)
        assert_read_by_index(counted, max(2 * activities, 12 * STRETCH))


class TestResend:
    async def test_years_of_failures_are_not_looked_at(
        self, many: asyncpg.Connection, admin: Principal
    ) -> None:
        transaction = many.transaction()
        await transaction.start()
        try:
            old = await many.fetch(
                "update scenario_notifications set delivery_status = 'failed', sent_at = null "
                "where scenario_type = 'inactivity' and triggered_at < now() - interval '8 days' returning user_id"
            )
            await many.execute(
                """
                insert into scenario_notifications (user_id, organization_id, scenario_type, triggered_at, delivery_status)
                select m.user_id, m.tenant_id, 'inactivity', now() - interval '1 day', 'failed'
                from tenant_users m
                where m.tenant_id = casebase.default_tenant()
                  and not exists (
                      select from activities a where a.user_id = m.user_id and a.activity_date > now() - interval '9 days')
                  and not exists (
                      select from scenario_notifications n
                      where n.user_id = m.user_id and n.scenario_type = 'inactivity' and n.delivery_status <> 'failed')
                limit 1
                """
            )
            async with rows_read(many) as counted:
                payload = {"payload": {"scenario_type": "inactivity"}}
                reply = await call(many, admin, "resend_failed_notifications", payload)
        finally:
            await transaction.rollback()
            # What was taken back is in the indexes still, in the way of other tests' counts.
            await many.execute("vacuum scenario_notifications")
        assert len(old) > 100 * PAGE
        assert len(reply["resent"]) == 1
        assert_read_by_index(counted, 2 * PAGE)


async def rows_of(many: asyncpg.Connection, table: str, mentors: list[UUID]) -> int:
    """How many rows of a table a stretch of ids has, of every organisation."""
    found: int = await many.fetchval(f"select count(*) from {table} where user_id <= $1", mentors[-1])
    return found


class TestRepository:
    """What a service asks, of one person and of a batch."""

    LOOKUPS: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("list_last_sent_times", {"scenario_type": "inactivity"}, "scenario_notifications_user_id_idx"),
        (
            "list_sent_since_threshold",
            {"scenario_type": "inactivity", "cutoff": "2020-01-01T00:00:00Z"},
            "scenario_notifications_user_id_idx",
        ),
        ("list_milestone_records", {"milestone_value": 10}, "scenario_notifications_milestone_key"),
    )

    @pytest.mark.parametrize(("function", "arguments", "index"), LOOKUPS)
    @pytest.mark.parametrize("people", [1, STRETCH])
    async def test_a_lookup_reads_who_it_asks_for(
        self,
        many: asyncpg.Connection,
        mentors: list[UUID],
        function: str,
        arguments: dict[str, Any],
        index: str,
        people: int,
    ) -> None:
        asked = {"user_ids": mentors[:people], **arguments}
        async with rows_read(many) as counted:
            await call(many, SERVICE, function, asked)
        assert_read_by_index(counted, 6 * people)
        async with plans(many) as found:
            await call(many, SERVICE, function, asked)
        [lookup] = [
            plan
            for plan in found
            if "scenario_notifications" in plan and "Scan" in plan.partition("plan:")[2]
        ]
        assert f" {index} " in lookup

    async def test_the_specified_cooldown_query_uses_the_specified_index(
        self, many: asyncpg.Connection, mentors: list[UUID]
    ) -> None:
        plan = await many.fetch(
            f"explain select triggered_at from scenario_notifications where user_id = '{mentors[0]}' "
            "and scenario_type = 'inactivity' and triggered_at > now() - interval '30 days' "
            "order by triggered_at desc limit 1"
        )
        text = "\n".join(row[0] for row in plan)
        assert "using scenario_notifications_user_id_idx" in text
        assert "Sort" not in text


class TestLists:
    FILTERS: tuple[dict[str, Any], ...] = (
        {},
        {"scenario_type": "inactivity"},
        {"delivery_status": "sent"},
        {"scenario_type": "milestone", "delivery_status": "sent"},
        {"delivery_status": "failed"},
        {"scenario_type": "welcome_back"},
    )

    @pytest.mark.parametrize("filters", FILTERS, ids=str)
    async def test_pages_of_what_was_sent_read_little_more_than_they_show(
        self, many: asyncpg.Connection, admin: Principal, filters: dict[str, Any]
    ) -> None:
        cursor = None
        for _ in range(3):
            asked = {**filters, "page_size": PAGE, "cursor": cursor}
            async with rows_read(many) as counted:
                answer = await call(many, admin, "list_scenario_notifications", asked)
            # Each scenario's part of the index gives a page.
            assert_read_by_index(counted, 20 * PAGE)
            cursor = answer["next_cursor"]

    async def test_one_persons_history_is_read_by_the_person(
        self, many: asyncpg.Connection, admin: Principal, mentors: list[UUID]
    ) -> None:
        async with rows_read(many) as counted:
            await call(many, admin, "list_scenario_notifications", {"user_id": mentors[0], "page_size": PAGE})
        assert_read_by_index(counted, PAGE)

    async def test_ones_own_are_read_by_the_person(self, many: asyncpg.Connection) -> None:
        # Who was told the most, of a scenario with days, which are those of the time zone that they chose.
        user_id = await many.fetchval(
            "select n.user_id from scenario_notifications n join notification_preferences p using (user_id) "
            "group by n.user_id order by bool_or(n.scenario_type = p.scenario_type) desc, count(*) desc, n.user_id limit 1"
        )
        async with rows_read(many) as counted:
            answer = await call(many, Principal("authenticated", sub=user_id), "list_my_notifications", {})
        told = len(answer["items"])
        assert told > 1
        # Of each notice: its language, and two moments' days of where its person is; an entry and its row count one each.
        limits = {"public.notification_preferences": 2 * 3 * told, "public.scenario_notifications": 6 * told}
        assert_read_by_index(counted, {"auth.users": 2, "public.certifications": 2 * told, **limits})

    @pytest.mark.parametrize("outcome", [None, "notified", "cooldown"])
    async def test_a_page_of_who_is_due_reads_a_stretch(
        self, many: asyncpg.Connection, admin: Principal, outcome: str | None
    ) -> None:
        async with rows_read(many) as counted:
            answer = await call(
                many, admin, "list_due_notifications", {"outcome": outcome, "page_size": PAGE}
            )
        assert len({item["user_id"] for item in answer["items"]}) == PAGE
        total = await many.fetchval("select count(*) from activities")
        # The first stretch is two thousand people.
        assert 0 < counted["public.activities"][1] < total // 2
        assert_read_by_index(counted, total // 2)

    async def test_runs_are_read_by_the_page(self, many: asyncpg.Connection, admin: Principal) -> None:
        async with rows_read(many) as counted:
            await call(many, admin, "list_evaluation_runs", {"page_size": PAGE})
        assert_read_by_index(counted, 4 * PAGE)

    async def test_the_overview_reads_its_period(self, many: asyncpg.Connection, admin: Principal) -> None:
        day = (await many.fetchval("select casebase.now()::date - 250")).isoformat()
        told = await many.fetchval(
            "select count(*) from scenario_notifications where triggered_at >= $1::timestamptz - interval '1 day' "
            "and triggered_at < $1::timestamptz + interval '2 days'",
            datetime.fromisoformat(day).replace(tzinfo=UTC),
        )
        async with rows_read(many) as counted:
            answer = await call(many, admin, "get_notification_overview", {"from_day": day, "to_day": day})
        assert answer["days"]
        assert_read_by_index(counted, 2 * told + 50)
