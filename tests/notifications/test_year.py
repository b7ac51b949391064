"""A year of any lives, hour by hour: the engine writes what the model writes, never too early and never too late.

From July 2027 to July 2028: it has a 29 February, and summer time begins and ends in Oslo, New York and on Lord Howe Island.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import os
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from casebase.kernel.db import SERVICE, Database, Session
from tests.notifications.conftest import People
from tests.notifications.rules_model import (
    SCENARIO_TYPES,
    Notice,
    Organization,
    Preference,
    QuietHours,
    Reminder,
    Rule,
    World,
)

T = TypeVar("T")

YEARS: Final = int(os.environ.get("CASEBASE_TEST_YEARS", "0"))
"""How many other years to try than those that every run tries; for whoever changes the rules."""
BEGIN: Final = datetime(2027, 7, 1, tzinfo=UTC)
END: Final = datetime(2028, 7, 1, tzinfo=UTC)
HOURS: Final = int((END - BEGIN) / timedelta(hours=1))
DAY: Final = timedelta(days=1)
TURNS: Final = (
    datetime(2027, 10, 31, 1, tzinfo=UTC),  # Oslo's clocks go back, an hour is there twice
    datetime(2027, 11, 7, 6, tzinfo=UTC),  # New York's too
    datetime(2028, 2, 29, 12, tzinfo=UTC),  # leap day
    datetime(2028, 3, 12, 7, tzinfo=UTC),  # New York skips an hour
    datetime(2028, 3, 26, 1, tzinfo=UTC),  # and Oslo
    datetime(2028, 4, 1, 15, tzinfo=UTC),  # Lord Howe's go back by half an hour
)
ZONES: Final = (
    "Europe/Oslo",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "UTC",
)


@dataclass(frozen=True)
class Rules:
    """From some hour on an organisation has this rule."""

    hour: int
    scenario_type: str
    rule: Rule


@dataclass(frozen=True)
class Company:
    """What an organisation decides."""

    timezone: str
    quiet_hours: QuietHours | None
    rules: list[Rules]


@dataclass(frozen=True)
class Stay:
    """From when until when somebody belongs to an organisation, as what, and when they were active there."""

    organization: int
    role: str
    joins: int
    leaves: int | None
    rejoins_after: int
    activities: list[tuple[int, int, int]]
    """Hours, by how many days the date differs from that day's, and how many activities."""
    certifications: list[tuple[int, str, int]]
    """Hours at which one is set, its name, and for how many days from then."""


@dataclass(frozen=True)
class Life:
    """What a person does and decides in the year."""

    stays: list[Stay]
    preferences: list[tuple[int, str, Preference]]


@dataclass(frozen=True)
class Year:
    """All that happens, and how each sending ends, in turn."""

    companies: list[Company]
    lives: list[Life]
    daily_at: int
    turn: int
    endings: list[str]


MINUTE = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
QUIET = st.one_of(
    st.none(),
    st.sampled_from([(time(22), time(7)), (time(2), time(3)), (time(23, 30), time(2, 30))]),
    st.tuples(MINUTE, MINUTE).filter(lambda hours: hours[0] != hours[1]),
)
HOUR = st.one_of(
    st.integers(0, HOURS - 1),
    st.builds(
        lambda turn, hours: int((turn - BEGIN) / timedelta(hours=1)) + hours,
        st.sampled_from(TURNS),
        st.integers(-48, 48),
    ),
)
RULES = st.one_of(
    st.builds(
        Rule,
        st.sampled_from([(30,), (1,), (10,), (90,)]),
        st.sampled_from([timedelta(days=30), timedelta(days=7), timedelta(days=2, hours=5)]),
        st.sampled_from([True, True, True, False]),
    ).map(lambda rule: ("inactivity", rule)),
    st.builds(
        Rule,
        st.sampled_from([(3, 1, 8), (10, 25), (5, 6, 7)]),
        st.sampled_from([timedelta(hours=1), timedelta(hours=30), timedelta(days=10)]),
    ).map(lambda rule: ("milestone", rule)),
    st.builds(
        Rule,
        st.sampled_from([(60, 30, 7), (14,), (2, 1)]),
        st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=20)]),
    ).map(lambda rule: ("certification_expiry", rule)),
    st.builds(
        Rule, st.sampled_from([(7,), (1,)]), st.sampled_from([timedelta(days=7), timedelta(days=90)])
    ).map(lambda rule: ("welcome_back", rule)),
)
COMPANY = st.builds(
    Company,
    st.sampled_from(ZONES),
    QUIET,
    st.lists(st.builds(lambda hour, rule: Rules(hour, *rule), st.just(0) | HOUR, RULES), max_size=4),
)
STAY = st.builds(
    Stay,
    st.integers(0, 1),
    st.sampled_from(["member", "member", "admin"]),
    st.just(0) | HOUR,
    st.none() | HOUR,
    st.integers(1, 2000),
    st.lists(
        st.tuples(HOUR, st.sampled_from([0, 0, 0, -3, 1]), st.sampled_from([1, 1, 2, 5, 12])), max_size=12
    ),
    st.lists(st.tuples(HOUR, st.sampled_from("AB"), st.sampled_from([1, 6, 7, 20, 61, 90, 366])), max_size=5),
)
PREFERENCE = st.tuples(
    st.just(0) | HOUR,
    st.sampled_from(SCENARIO_TYPES),
    st.builds(Preference, st.sampled_from([True, True, False]), QUIET, st.none() | st.sampled_from(ZONES)),
)
LIFE = st.builds(
    Life,
    st.lists(STAY, min_size=1, max_size=2, unique_by=lambda stay: stay.organization),
    st.lists(PREFERENCE, max_size=3),
)
YEAR = st.builds(
    Year,
    st.lists(COMPANY, min_size=2, max_size=2),
    st.lists(LIFE, min_size=10, max_size=10),
    st.integers(0, 23),
    st.integers(0, len(TURNS) - 1),
    st.lists(st.sampled_from(["sent"] * 6 + ["failed", "pending"]), min_size=8, max_size=8),
)


LAST_DAYS: Final = Year(
    [Company("UTC", None, []), Company("America/New_York", None, [])],
    [
        Life(
            [Stay(which, "member", 0, None, 1, [(0, 0, 9), (50 * 24, 0, 1)], [(90 * 24, "A", 61)])],
            [
                (0, scenario_type, Preference(is_enabled=False))
                for scenario_type in SCENARIO_TYPES
                if scenario_type != "inactivity"
            ],
        )
        for which in range(2)
    ],
    daily_at=3,
    turn=0,
    endings=["sent"],
)
"""People who opted out are counted on every day that they are due: on the first and last one, too."""


@dataclass(frozen=True)
class Backstage:
    """The database, and the loop in which its connections live: Hypothesis runs in a thread of its own."""

    loop: asyncio.AbstractEventLoop
    owner: asyncpg.Connection
    service: Session

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=300)


class Simulation:
    """One year, lived twice: in the database, and in the model."""

    def __init__(self, backstage: Backstage, year: Year) -> None:
        self.owner = backstage.owner
        self.service = backstage.service
        self.year = year
        self.world = World([])
        self.settled = 0
        self.looks = 300
        self.agenda: list[tuple[datetime, int, Callable[[], Coroutine[Any, Any, None]] | None]] = []
        """What happens when, in this order; None is a run."""

    async def live(self) -> None:
        """Let the year pass, comparing every run's counts, and in the end every row."""
        await self.begin()
        last_run = None
        while self.agenda:
            at, _, happening = heapq.heappop(self.agenda)
            if happening is not None:
                await happening()
            elif at != last_run and at < END:
                last_run = at
                await self.run(at)
        assert await self.rows() == Counter(map(self.described, self.world.notices))
        await self.assert_kept_apart()

    def plan(self, at: datetime, happening: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        # What happens in an hour happens before its run.
        heapq.heappush(self.agenda, (at, len(self.agenda) if happening else 1_000_000, happening))

    async def begin(self) -> None:
        await self.owner.execute(
            """
            truncate scenario_notifications, scenario_evaluation_runs, scenario_evaluation_config, activities,
                certifications, notification_preferences, notifications.settings cascade;
            delete from tenant_users;
            """
        )
        ids = await self.owner.fetch("select id from tenants order by id")
        for (organization_id,), company in zip(ids, self.year.companies, strict=True):
            await self.found(organization_id, company)
        for life in self.year.lives:
            await self.bear(life)
        for day in range(HOURS // 24):
            self.plan(BEGIN + timedelta(days=day, hours=self.year.daily_at))
        for hour in range(-24, 25):
            self.plan(TURNS[self.year.turn] + timedelta(hours=hour))

    async def found(self, organization_id: UUID, company: Company) -> None:
        begin, end = company.quiet_hours or (None, None)
        await self.owner.execute(
            "insert into notifications.settings (organization_id, timezone, quiet_from, quiet_until) "
            "values ($1, $2, $3, $4)",
            organization_id,
            company.timezone,
            begin,
            end,
        )
        organization = Organization(organization_id, company.timezone, company.quiet_hours)
        self.world.organizations.append(organization)
        for change in company.rules:
            self.plan(at_hour(change.hour), lambda change=change: self.configure(organization, change))

    async def bear(self, life: Life) -> None:
        user_id = await self.owner.fetchval(
            "insert into auth.users (email) values (gen_random_uuid() || '@staff.example') returning id"
        )
        for hour, scenario_type, preference in life.preferences:
            self.plan(at_hour(hour), lambda t=scenario_type, p=preference: self.prefer(user_id, t, p))
        for stay in life.stays:
            organization = self.world.organizations[stay.organization]
            joins = at_hour(stay.joins)
            self.plan(joins, lambda o=organization, s=stay, at=joins: self.join(o, user_id, s.role, at))
            if stay.leaves is not None and stay.leaves > stay.joins:
                back = at_hour(stay.leaves + stay.rejoins_after)
                self.plan(at_hour(stay.leaves), lambda o=organization: self.leave(o, user_id))
                self.plan(back, lambda o=organization, s=stay, at=back: self.join(o, user_id, s.role, at))
            for hour, days, count in stay.activities:
                self.plan(
                    at_hour(hour),
                    lambda o=organization, h=hour, d=days, c=count: self.act(o, user_id, at_hour(h), d, c),
                )
            for hour, name, days in stay.certifications:
                until = (at_hour(hour) + timedelta(days=days)).date()
                self.plan(
                    at_hour(hour), lambda o=organization, n=name, u=until: self.certify(o, user_id, n, u)
                )

    # What happens

    async def configure(self, organization: Organization, change: Rules) -> None:
        await self.owner.execute(
            """
            insert into scenario_evaluation_config (organization_id, scenario_type, enabled, threshold, cooldown)
            values ($1, $2, $3, $4, $5)
            on conflict (organization_id, scenario_type) do update
                set enabled = excluded.enabled, threshold = excluded.threshold, cooldown = excluded.cooldown
            """,
            organization.id,
            change.scenario_type,
            change.rule.is_enabled,
            change.rule.threshold,
            change.rule.cooldown,
        )
        organization.rules[change.scenario_type] = change.rule

    async def prefer(self, user_id: UUID, scenario_type: str, preference: Preference) -> None:
        begin, end = preference.quiet_hours or (None, None)
        await self.owner.execute(
            """
            insert into notification_preferences (user_id, scenario_type, enabled, quiet_from, quiet_until, timezone)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (user_id, scenario_type) do update
                set enabled = excluded.enabled, quiet_from = excluded.quiet_from,
                    quiet_until = excluded.quiet_until, timezone = excluded.timezone
            """,
            user_id,
            scenario_type,
            preference.is_enabled,
            begin,
            end,
            preference.timezone,
        )
        self.world.preferences[user_id, scenario_type] = preference

    async def join(self, organization: Organization, user_id: UUID, role: str, at: datetime) -> None:
        await self.owner.execute(
            "insert into tenant_users (tenant_id, user_id, role, created_at) values ($1, $2, $3, $4)",
            organization.id,
            user_id,
            role,
            at,
        )
        organization.joined_at[user_id] = at
        if role == "admin":
            organization.administrators.add(user_id)

    async def leave(self, organization: Organization, user_id: UUID) -> None:
        await self.owner.execute(
            "delete from tenant_users where tenant_id = $1 and user_id = $2", organization.id, user_id
        )
        del organization.joined_at[user_id]

    async def act(
        self, organization: Organization, user_id: UUID, at: datetime, days: int, count: int
    ) -> None:
        if user_id not in organization.joined_at:
            return
        local = self.world.local(organization, user_id, "inactivity", at).date()
        # No door takes a day that has not begun anywhere.
        day = min(local + timedelta(days=days), at.date() + DAY)
        activity = {"user_id": str(user_id), "activity_date": day.isoformat()}
        payload = {"organization_id": str(organization.id), "activities": [activity] * count}
        await self.service.call("record_activities", {"payload": payload})
        organization.activities.setdefault(user_id, []).extend([day] * count)

    async def certify(self, organization: Organization, user_id: UUID, name: str, until: date) -> None:
        if user_id not in organization.joined_at:
            return
        certification = {"user_id": str(user_id), "name": name, "expires_on": until.isoformat()}
        payload = {"organization_id": str(organization.id), "certifications": [certification]}
        await self.service.call("set_certifications", {"payload": payload})
        organization.certifications[user_id, name] = until

    # The runs

    async def run(self, at: datetime) -> None:
        reply = await self.service.call("evaluate_scenarios", {"payload": {"now": at.isoformat()}})
        known = len(self.world.notices)
        expected = self.world.evaluate(at)
        counted = {
            (scenario_type, outcome): count
            for scenario_type, outcomes in reply["scenarios"].items()
            for outcome, count in outcomes.items()
        }
        assert counted == expected, at
        self.assert_none_missed(at)
        if any(outcome == "quiet_hours" for _, outcome in counted):
            self.look_again(at + timedelta(hours=1))
        for notice in self.world.notices[known:]:
            await self.settle(notice, at)

    async def settle(self, notice: Notice, at: datetime) -> None:
        """Let the sending end, and look again right before and right when another may follow."""
        ending = self.year.endings[self.settled % len(self.year.endings)]
        self.settled += 1
        self.plan(at + timedelta(minutes=20), lambda: self.end(notice, at + timedelta(minutes=20), ending))
        over = at + DAY if ending == "failed" else notice.cooldown_until
        self.look_again(over - timedelta(microseconds=1))
        self.look_again(over)

    def look_again(self, at: datetime) -> None:
        """Run besides the daily ones, as long as the year stays one that a test has time for."""
        if self.looks > 0:
            self.looks -= 1
            self.plan(at)

    async def end(self, notice: Notice, at: datetime, ending: str) -> None:
        notice.status = ending
        await self.owner.execute(
            """
            with ended as (
                update scenario_notifications
                set delivery_status = $5, sent_at = case when $5 = 'sent' then $6::timestamptz end
                where organization_id = $1 and user_id = $2 and scenario_type = $3 and triggered_at = $4
                returning id, delivery_status
            )
            delete from notifications.certification_stages
            where notification_id = (select id from ended where delivery_status = 'failed')
            """,
            notice.organization_id,
            notice.user_id,
            notice.scenario_type,
            notice.triggered_at,
            ending,
            at,
        )

    # What always holds, whatever the model thinks

    def assert_none_missed(self, at: datetime) -> None:
        """Who is due and may be told at any hour was told: what is due now, or lately something else of its kind."""
        for organization in self.world.organizations:
            if organization.quiet_hours is not None:
                continue
            today = at.astimezone(ZoneInfo(organization.timezone)).date()
            for user_id in filter(organization.is_evaluated, organization.joined_at):
                for scenario_type, told in self.due_and_told(organization, user_id, today).items():
                    is_free = (user_id, scenario_type) not in self.world.preferences
                    if is_free and organization.rules[scenario_type].is_enabled and not told:
                        assert self.was_told_lately(organization, user_id, scenario_type, at), (user_id, at)

    def due_and_told(self, organization: Organization, user_id: UUID, today: date) -> dict[str, bool]:
        """Of each scenario that somebody is due, whether they were told what it is about."""
        due: dict[str, bool] = {}
        activities = organization.activities.get(user_id, [])
        joined = organization.joined_at[user_id].astimezone(ZoneInfo(organization.timezone)).date()
        if today - max([*activities, joined]) >= organization.rules["inactivity"].threshold[0] * DAY:
            due["inactivity"] = False  # told again after every cooldown
        reached = [each for each in organization.rules["milestone"].threshold if each <= len(activities)]
        if reached:
            due["milestone"] = any(
                (notice.user_id, notice.milestone) == (user_id, max(reached)) for notice in self.world.notices
            )
        stages = organization.rules["certification_expiry"].threshold
        told = list(self.world.of(organization.id, user_id, "certification_expiry"))
        for (who, name), expires_on in organization.certifications.items():
            if who == user_id and any(today <= expires_on <= today + stage * DAY for stage in stages):
                stage = min(stage for stage in stages if expires_on <= today + stage * DAY)
                is_told = any(
                    notice.status != "failed" and Reminder(name, expires_on, stage) in notice.reminders
                    for notice in told
                )
                due["certification_expiry"] = due.get("certification_expiry", True) and is_told
        return due

    def was_told_lately(
        self, organization: Organization, user_id: UUID, scenario_type: str, at: datetime
    ) -> bool:
        cooldown = organization.rules[scenario_type].cooldown
        return any(
            at < notice.triggered_at + min(cooldown, DAY)
            or (notice.status != "failed" and at < max(notice.cooldown_until, notice.triggered_at + cooldown))
            for notice in self.world.of(organization.id, user_id, scenario_type)
        )

    async def assert_kept_apart(self) -> None:
        """No two of a kind within a cooldown, no milestone twice, no reminder twice: straight from the rows."""
        rows = await self.owner.fetch(
            """
            select user_id, organization_id, scenario_type, triggered_at, cooldown_until, milestone_value
            from scenario_notifications where delivery_status <> 'failed' order by 1, 2, 3, 4
            """
        )
        for one, next_one in pairwise(rows):
            if tuple(one)[:3] == tuple(next_one)[:3]:
                assert next_one["triggered_at"] >= one["cooldown_until"]
        milestones = [(row["user_id"], row["milestone_value"]) for row in rows if row["milestone_value"]]
        assert len(milestones) == len(set(milestones))

    # Comparing

    async def rows(self) -> Counter[tuple[Any, ...]]:
        """Every notification that the database holds, as ``described`` tells one of the model."""
        rows = await self.owner.fetch(
            """
            select organization_id, user_id, scenario_type, triggered_at, cooldown_until, delivery_status,
                   milestone_value, metadata, dedupe_key
            from scenario_notifications
            """
        )
        names = dict(await self.owner.fetch("select id::text, name from certifications"))
        told: Counter[tuple[Any, ...]] = Counter()
        for row in rows:
            metadata = json.loads(row["metadata"] or "{}")
            reminders = frozenset(
                Reminder(names[each["id"]], date.fromisoformat(each["expires_on"]), each["stage"])
                for each in metadata.get("certifications", [])
            )
            days = metadata["days"] if row["scenario_type"] == "inactivity" else None
            is_answer = row["scenario_type"] == "welcome_back"
            answers = datetime.fromisoformat(row["dedupe_key"]) if is_answer else None
            told[(*row[:7], days, reminders, answers)] += 1
        return told

    @staticmethod
    def described(notice: Notice) -> tuple[Any, ...]:
        return (
            notice.organization_id,
            notice.user_id,
            notice.scenario_type,
            notice.triggered_at,
            notice.cooldown_until,
            notice.status,
            notice.milestone,
            notice.days,
            notice.reminders,
            notice.answers,
        )


def at_hour(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


async def test_a_year(owner: asyncpg.Connection, api_url: str, people: People) -> None:
    # On the day after, so that no activity of the year is yet to happen.
    async with await Database.connect(api_url, clock_offset=END + DAY - datetime.now(UTC)) as moved:
        backstage = Backstage(asyncio.get_running_loop(), owner, moved.session(SERVICE))

        @settings(
            max_examples=YEARS or 3,
            derandomize=not YEARS,
            # Without making a failing one smaller: a year takes seconds.
            phases=[Phase.explicit, Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(year=YEAR)
        @example(year=LAST_DAYS)
        def live(year: Year) -> None:
            backstage.do(Simulation(backstage, year).live())

        await asyncio.to_thread(live)
