"""Evaluations: what to evaluate, what came of it, and who is due."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Given, Stored
from casebase.modules.notifications.enums import DeliveryStatus, ScenarioType, SkipReason

Outcomes = dict[ScenarioType, dict[str, int]]
"""Of each scenario: how many were notified, and how many held back for which reason."""


class EvaluationRequest(Given):
    """What to evaluate; without an organisation all of them, without scenarios all that are enabled."""

    organization_id: UUID | None = None
    scenario_types: tuple[ScenarioType, ...] | None = Field(default=None, min_length=1, max_length=4)
    dry_run: bool | None = Field(default=None, strict=True)
    now: AwareDatetime | None = None
    run_key: str | None = Field(default=None, min_length=1, max_length=200)
    limit: int | None = Field(default=None, strict=True, ge=1, le=100_000)
    cursor: UUID | None = None
    wait_s: int | None = Field(default=None, strict=True, ge=1, le=60)


class Evaluation(Stored):
    """What an evaluation wrote, or would write; while ``is_more``, call again."""

    run_ids: tuple[UUID, ...]
    evaluated: int
    scenarios: Outcomes
    is_more: bool
    cursor: UUID | None


class QueuedEvaluation(Stored):
    """A job that evaluates a scenario of an organisation; its run has the key."""

    scenario_type: ScenarioType
    job_id: int
    run_key: str


class QueuedEvaluations(Stored):
    """The jobs of an organisation's evaluation, one a scenario."""

    jobs: tuple[QueuedEvaluation, ...]


class EvaluationRun(Stored):
    """An evaluation of an organisation."""

    run_id: UUID
    scenario_types: tuple[ScenarioType, ...]
    evaluated_at: datetime
    evaluated_count: int
    started_at: datetime
    finished_at: datetime | None
    scenarios: Outcomes


class EvaluationRunPage(Stored):
    """A page of an organisation's evaluations, latest first."""

    items: tuple[EvaluationRun, ...]
    next_cursor: str | None


class DueNotification(Stored):
    """Somebody a rule finds due, and what an evaluation would do."""

    user_id: UUID
    email: str | None
    scenario_type: ScenarioType
    outcome: str
    milestone_value: int | None
    days: int | None
    certification_count: int | None


class DueNotificationPage(Stored):
    """A page of who is due now, by their ids."""

    items: tuple[DueNotification, ...]
    evaluated_at: datetime
    next_cursor: UUID | None


class DueCounts(Stored):
    """What an evaluation of an organisation would do now; of very many people it looked at the first."""

    organization_id: UUID
    evaluated_at: datetime
    scenario_types: tuple[ScenarioType, ...]
    scenarios: Outcomes
    looked_at_count: int
    people_count: int


class SentNotification(Stored):
    """A notification as administrators see it."""

    notification_id: UUID
    user_id: UUID
    email: str | None
    scenario_type: ScenarioType
    triggered_at: datetime
    delivery_status: DeliveryStatus
    milestone_value: int | None
    days: int | None
    certification_count: int | None
    skip_reason: SkipReason | None
    error_code: str | None
    attempts: int
    sent_at: datetime | None
    read_at: datetime | None


class SentNotificationPage(Stored):
    """A page of an organisation's notifications, newest first."""

    items: tuple[SentNotification, ...]
    next_cursor: str | None


class ResendRequest(Given):
    """What to send again: notifications by their ids, or all failed ones of a scenario."""

    organization_id: UUID | None = None
    notification_ids: tuple[UUID, ...] | None = Field(default=None, min_length=1, max_length=1000)
    scenario_type: ScenarioType | None = None


class SkippedResend(Stored):
    """A notification that is not sent again, and why."""

    notification_id: UUID
    reason: str


class Resent(Stored):
    """What is sent again, and what is not; while ``is_more``, call again."""

    resent: tuple[UUID, ...]
    skipped: tuple[SkippedResend, ...]
    is_more: bool


class DayCount(Stored):
    """How many notifications of a scenario were triggered on a day, by what became of them."""

    day: date
    scenario_type: ScenarioType
    sent: int
    pending: int
    failed: int
    read: int


class HeldCount(Stored):
    """How many people a day's last run could not notify, for a reason."""

    day: date
    scenario_type: ScenarioType
    outcome: str
    count: int


class LastRun(Stored):
    """The latest evaluation of an organisation."""

    run_id: UUID
    started_at: datetime
    finished_at: datetime | None
    scenario_types: tuple[ScenarioType, ...]
    evaluated_count: int


class NotificationOverview(Stored):
    """What an organisation's people were told in a period, by its calendar."""

    organization_id: UUID
    timezone: str
    from_day: date
    to_day: date
    people_count: int
    days: tuple[DayCount, ...]
    held: tuple[HeldCount, ...]
    last_run: LastRun | None


class RecipientCertification(Stored):
    """What one of an organisation's people is certified for."""

    name: str
    expires_on: date


class RecipientPreference(Stored):
    """What one of an organisation's people decided of a scenario."""

    scenario_type: ScenarioType
    enabled: bool
    quiet_from: str | None
    quiet_until: str | None
    timezone: str | None


class RecipientDue(Stored):
    """What one of an organisation's people is due for."""

    scenario_type: ScenarioType
    outcome: str
    milestone_value: int | None
    days: int | None
    certification_count: int | None


class Recipient(Stored):
    """How one of an organisation's people stands with its rules."""

    user_id: UUID
    is_member: bool
    email: str | None
    joined_at: datetime | None
    activity_count: int
    last_active_on: date | None
    device_count: int
    certifications: tuple[RecipientCertification, ...]
    preferences: tuple[RecipientPreference, ...]
    due: tuple[RecipientDue, ...]
