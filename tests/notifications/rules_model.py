"""The rules of scenario notifications once more, person by person in plain Python, to compare the engine with.

Written from the specification and the module's page alone. It looks at one person at one moment with nothing but dates and
lists; nothing is shared with the SQL, and nothing here is fast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

SCENARIO_TYPES: Final = ("certification_expiry", "inactivity", "milestone", "welcome_back")
QuietHours = tuple[time, time]
Outcomes = Counter[tuple[str, str]]
"""How often a run had which outcome, by scenario type and outcome."""


@dataclass(frozen=True)
class Rule:
    """What an organisation decided about one scenario."""

    threshold: tuple[int, ...]
    cooldown: timedelta
    is_enabled: bool = True


DEFAULT_RULES: Final = {
    "certification_expiry": Rule((60, 30, 7), timedelta(days=1)),
    "inactivity": Rule((30,), timedelta(days=30)),
    "milestone": Rule((10, 25, 50, 100, 250, 500), timedelta(hours=1)),
    "welcome_back": Rule((7,), timedelta(days=7)),
}


@dataclass
class Organization:
    """Whom it has (and since when), its rules, and what holds for people who decided nothing themselves."""

    id: UUID
    timezone: str = "Europe/Oslo"
    quiet_hours: QuietHours | None = None
    rules: dict[str, Rule] = field(default_factory=lambda: dict(DEFAULT_RULES))
    joined_at: dict[UUID, datetime] = field(default_factory=dict)
    administrators: set[UUID] = field(default_factory=set)
    activities: dict[UUID, list[date]] = field(default_factory=dict)
    certifications: dict[tuple[UUID, str], date] = field(default_factory=dict)

    def is_evaluated(self, user_id: UUID) -> bool:
        """Whether somebody counts as a peer mentor: every member, and an administrator who was ever active."""
        return user_id not in self.administrators or bool(self.activities.get(user_id))


@dataclass(frozen=True)
class Preference:
    """What a person decided about one scenario."""

    is_enabled: bool = True
    quiet_hours: QuietHours | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class Reminder:
    """A certification, until when it held, and how many days before it a reminder is for."""

    name: str
    expires_on: date
    stage: int


@dataclass
class Notice:
    """One notification."""

    organization_id: UUID
    user_id: UUID
    scenario_type: str
    triggered_at: datetime
    cooldown_until: datetime
    status: str = "pending"
    milestone: int | None = None
    days: int | None = None
    reminders: frozenset[Reminder] = frozenset()
    answers: datetime | None = None
    """When the inactivity notice was triggered whose reader came back."""


@dataclass
class World:
    """All organisations, what people prefer, and all that was written so far."""

    organizations: list[Organization]
    preferences: dict[tuple[UUID, str], Preference] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def evaluate(self, at: datetime) -> Outcomes:
        """Evaluate everybody, write who is due, and return what became of those due."""
        outcomes: Outcomes = Counter()
        for organization in sorted(self.organizations, key=lambda each: each.id):
            rules = {name: rule for name, rule in organization.rules.items() if rule.is_enabled}
            for user_id in filter(organization.is_evaluated, organization.joined_at):
                for scenario_type, rule in rules.items():
                    notice = self.due(organization, user_id, scenario_type, rule, at)
                    if notice is not None:
                        reason = self.reason_to_skip(organization, notice, rule)
                        outcomes[scenario_type, reason or "notified"] += 1
                        if reason is None:
                            self.notices.append(notice)
        return outcomes

    def due(
        self, organization: Organization, user_id: UUID, scenario_type: str, rule: Rule, at: datetime
    ) -> Notice | None:
        """The notification that a person is due, whether or not something keeps it back."""
        notice = Notice(organization.id, user_id, scenario_type, at, at + rule.cooldown)
        today = self.local(organization, user_id, scenario_type, at).date()
        activities = organization.activities.get(user_id, [])
        match scenario_type:
            case "inactivity":
                joined = self.local(organization, user_id, scenario_type, organization.joined_at[user_id])
                notice.days = (today - max([*activities, joined.date()])).days
                return notice if notice.days >= rule.threshold[0] else None
            case "milestone":
                notice.milestone = max(
                    (each for each in rule.threshold if each <= len(activities)), default=None
                )
                told = {each.milestone for each in self.notices if each.user_id == user_id}
                return None if notice.milestone is None or notice.milestone in told else notice
            case "certification_expiry":
                notice.reminders = frozenset(self.reminders_due(organization, user_id, rule, today))
                return notice if notice.reminders else None
            case _:
                notice.answers = self.answered(organization, user_id, rule, today)
                return notice if notice.answers else None

    def reminders_due(
        self, organization: Organization, user_id: UUID, rule: Rule, today: date
    ) -> Iterator[Reminder]:
        told = {
            reminder
            for notice in self.of(organization.id, user_id, "certification_expiry")
            if notice.status != "failed"
            for reminder in notice.reminders
        }
        for (who, name), expires_on in organization.certifications.items():
            days = (expires_on - today).days
            stages = [stage for stage in rule.threshold if stage >= days]
            if who == user_id and days >= 0 and stages:
                reminder = Reminder(name, expires_on, min(stages))
                if reminder not in told:
                    yield reminder

    def answered(self, organization: Organization, user_id: UUID, rule: Rule, today: date) -> datetime | None:
        """When the notice was triggered after which the person came back; None if they did not, or were greeted."""
        sent = [
            notice.triggered_at
            for notice in self.of(organization.id, user_id, "inactivity")
            if notice.status == "sent"
        ]
        activities = organization.activities.get(user_id, [])
        if not sent or not activities:
            return None
        last_day = max(activities)
        came_back = last_day >= self.local(organization, user_id, "welcome_back", max(sent)).date()
        greeted = {
            notice.answers
            for notice in self.of(organization.id, user_id, "welcome_back")
            if notice.status != "failed"
        }
        is_recent = (today - last_day).days <= rule.threshold[0]
        return max(sent) if came_back and is_recent and max(sent) not in greeted else None

    def reason_to_skip(self, organization: Organization, notice: Notice, rule: Rule) -> str | None:
        """Why a due notification is not written now, if it is not."""
        at = notice.triggered_at
        preference = self.preferences.get((notice.user_id, notice.scenario_type))
        if preference is not None and not preference.is_enabled:
            return "opted_out"
        earlier = list(self.of(organization.id, notice.user_id, notice.scenario_type))
        # A longer cooldown holds at once, a shorter one from the next notification.
        if any(
            at < max(each.cooldown_until, each.triggered_at + rule.cooldown)
            for each in earlier
            if each.status != "failed"
        ):
            return "cooldown"
        pause = min(rule.cooldown, timedelta(hours=24))
        if any(at < each.triggered_at + pause for each in earlier if each.status == "failed"):
            return "failed_recently"
        hours = organization.quiet_hours if preference is None else preference.quiet_hours
        local = self.local(organization, notice.user_id, notice.scenario_type, at).time()
        return "quiet_hours" if hours is not None and is_within(local, hours) else None

    def of(self, organization_id: UUID, user_id: UUID, scenario_type: str) -> Iterator[Notice]:
        """Yield what was written to a person of one organisation about one scenario."""
        for notice in self.notices:
            if (notice.organization_id, notice.user_id, notice.scenario_type) == (
                organization_id,
                user_id,
                scenario_type,
            ):
                yield notice

    def local(self, organization: Organization, user_id: UUID, scenario_type: str, at: datetime) -> datetime:
        """A moment on the clock of the person, as they told it for a scenario, or else of the organisation."""
        preference = self.preferences.get((user_id, scenario_type))
        own = preference.timezone if preference else None
        return at.astimezone(ZoneInfo(own or organization.timezone))


def is_within(moment: time, hours: QuietHours) -> bool:
    """Whether a time of day lies within hours that may span midnight; their end is outside."""
    begin, end = hours
    return begin <= moment < end if begin < end else moment >= begin or moment < end
