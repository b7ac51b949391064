"""Calls to plaintiffs: the desk, one call, what it brought, when the next may be made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Amount, Given, Stored
from casebase.modules.enforcement.enums import Interest


class CallOutcome(Given):
    """How a call ended, in a word of the lookup or an alias; ``reached`` goes with an interest."""

    outcome: str = Field(min_length=1, max_length=60, examples=["left_voicemail"])
    task_id: UUID | None = None
    interest: Interest | None = None
    notes: str | None = Field(default=None, max_length=4000)
    follow_up_at: AwareDatetime | None = None


class DoneTask(Stored):
    """A task that the call ended."""

    task_id: UUID
    status: str


class PlannedCall(Stored):
    """A call that is to be made."""

    task_id: UUID
    due_at: datetime


class RecordedCall(Stored):
    """What a call changed, and when the next may be made."""

    attempt_id: UUID
    outcome: str
    plaintiff_status: str
    task: DoneTask | None
    follow_up: PlannedCall | None
    cancelled_tasks: int
    calls_in_window: int
    next_call_allowed_at: datetime | None


class CallPlan(Given):
    """When to call a plaintiff, and about which case."""

    due_at: AwareDatetime
    case_id: UUID | None = None
    title: str | None = Field(default=None, min_length=1, max_length=150)


class CallTask(Stored):
    """A call that waits; ``rule`` is what stands against making it now."""

    task_id: UUID
    title: str
    due_at: datetime
    is_overdue: bool
    tier: str | None
    plaintiff_id: UUID
    plaintiff_name: str
    plaintiff_status: str
    case_id: UUID | None
    reference: str | None
    stage: str | None
    current_balance: Amount | None
    last_called_at: datetime | None
    last_outcome: str | None
    calls_in_window: int
    next_call_allowed_at: datetime | None
    rule: str | None


class CallTaskPage(Stored):
    """A page of the desk: what is due first, the highest tier's first."""

    items: tuple[CallTask, ...]
    next_cursor: str | None


class CalledTask(Stored):
    """The task behind a call."""

    task_id: UUID
    title: str
    due_at: datetime
    created_by: str


class CalledPlaintiff(Stored):
    """Whom to call."""

    plaintiff_id: UUID
    name: str
    status: str


class CalledCase(Stored):
    """What the call is about."""

    case_id: UUID
    reference: str
    tier: str
    stage: str
    current_balance: Amount


class TelephoneNumber(Stored):
    """A number that may be called."""

    value: str = Field(repr=False)
    label: str | None
    confidence: Amount | None


class CallAttempt(Stored):
    """An earlier call."""

    called_at: datetime
    outcome: str
    label: str
    interest: str | None
    notes: str | None
    called_by: str


class OutcomeChoice(Stored):
    """A way a call can end; a terminal one ends the calling."""

    outcome: str
    label: str
    is_terminal: bool
    is_conversation: bool
    is_consent: bool
    position: int


class Call(Stored):
    """All that a caller needs for one call."""

    task: CalledTask
    plaintiff: CalledPlaintiff
    case: CalledCase | None
    numbers: tuple[TelephoneNumber, ...]
    attempts: tuple[CallAttempt, ...]
    outcomes: tuple[OutcomeChoice, ...]
    calls_in_window: int
    calls_per_window: int
    call_window_days: int
    quiet_days_after_conversation: int
    is_call_rule_enabled: bool
    time_zone: str
    rule: str | None
    next_call_allowed_at: datetime | None
