"""What operators and services do to a case, and what each of these answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Amount, Given, Stored, Word
from casebase.modules.enforcement.enums import ActionType, CaseStatus, EventKind
from casebase.modules.enforcement.models.records import (
    Actor,
    DocumentPath,
    Metadata,
    Money,
    Note,
    Score,
    Tier,
)


class NewCase(Given):
    """The judgment to enforce; without a tier its score decides, without a score the docket's."""

    judgment_id: UUID
    plaintiff_id: UUID | None = None
    tier: Tier | None = None
    collectability_score: Score | None = None
    notes: str | None = Field(default=None, max_length=4000)
    created_by: Actor | None = None


class Closure(Given):
    """How a case ends; with a balance left, ``satisfied`` is a settlement."""

    status: Literal["satisfied", "uncollectible", "withdrawn"]
    note: Note | None = None
    closed_by: Actor | None = None


class ClosedCase(Stored):
    """How a case ended, what is still owed, and what was called off with it."""

    case_id: UUID
    status: CaseStatus
    balance: Amount
    cancelled_actions: tuple[str, ...]
    cancelled_tasks: int


class StageChange(Given):
    """Where a case goes; an earlier stage needs ``override``. The stage it has is confirmed, its clock starts anew."""

    stage: Word = Field(examples=["bank_levy"])
    override: bool | None = None
    note: Note | None = None
    metadata: Metadata | None = None
    actor: Actor | None = None


class MovedCase(Stored):
    """Where a case stands, and when it wants its next action."""

    case_id: UUID
    stage: str
    previous_stage: str
    next_action_at: datetime | None
    is_changed: bool


class NewEvent(Given):
    """What happened; filings and services name the document that proves them."""

    event_kind: EventKind
    payload: Metadata | None = None
    document_path: DocumentPath | None = None
    related_task_id: UUID | None = None
    """The task that this ends."""
    occurred_at: AwareDatetime | None = None
    actor: Actor | None = None


class ActionChange(Given):
    """The status of a workflow: it is opened if none of its type is; ``completed`` and ``cancelled`` end it."""

    action_type: ActionType
    status: Word = Field(examples=["filed"])
    status_reason: Note | None = None
    metadata: Metadata | None = None
    actor: Actor | None = None


class Payment(Given):
    """Money received; a source's reference counts once."""

    amount: Money = Field(gt=0)
    source: Word = Field(examples=["bank_levy"])
    reference: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,119}$")
    received_at: AwareDatetime | None = None
    document_path: DocumentPath | None = None
    actor: Actor | None = None


class RecordedPayment(Stored):
    """A payment and the balance it left."""

    payment_id: UUID
    event_id: UUID
    case_id: UUID
    judgment_id: UUID
    amount: Amount
    balance: Amount


class TierOverride(Given):
    """A tier set by hand until a time within a year, and why."""

    tier: Tier
    expires_at: AwareDatetime
    note: Note = Field(min_length=1)
    actor: Actor | None = None


class OverriddenTier(Stored):
    """The tier a case is in until the override ends."""

    case_id: UUID
    tier: str
    previous_tier: str
    override_expires_at: datetime


class OverrideEnd(Given):
    """Why an override ends before its time."""

    note: Note | None = None
    actor: Actor | None = None


class ClearedOverride(Stored):
    """The tier that the score gives again."""

    case_id: UUID
    tier: str
    previous_tier: str
    is_changed: bool


class Subpoena(Given):
    """A subpoena that was issued, and its document; an answer is due in 21 days unless told."""

    document_path: DocumentPath
    document_metadata: Metadata | None = None
    recipient: str | None = Field(default=None, min_length=1, max_length=200)
    issued_at: AwareDatetime | None = None
    response_due_at: AwareDatetime | None = None
    metadata: Metadata | None = None
    actor: Actor | None = None


class IssuedSubpoena(Stored):
    """What issuing wrote; the task waits for the response."""

    action_id: UUID
    event_id: UUID
    document_id: UUID | None
    task_id: UUID
    response_due_at: datetime


class SubpoenaResponse(Given):
    """What a subpoena brought; ``complied`` unless told."""

    outcome: Literal["complied", "partly_complied", "not_complied"] | None = None
    received_at: AwareDatetime | None = None
    document_path: DocumentPath | None = None
    note: Note | None = None
    metadata: Metadata | None = None
    review_due_at: AwareDatetime | None = None
    actor: Actor | None = None


class ReviewedSubpoena(Stored):
    """The action's status, and the task of review."""

    action_id: UUID
    status: str
    event_id: UUID
    review_task_id: UUID
    review_due_at: datetime


class CopilotRequest(Given):
    """Who asks for the note."""

    requested_by: Actor | None = None


class JobSubject(Given):
    """What a job is about: ids of the tenant, all that a caller puts into a queue."""

    case_id: UUID | None = None
    judgment_id: UUID | None = None
    plaintiff_id: UUID | None = None


class JobRequest(Given):
    """A job for a worker; a known key answers the first job's id."""

    kind: Literal["enrich", "outreach", "enforce", "case_copilot"]
    idempotency_key: str = Field(min_length=1, max_length=120, pattern=r"\S")
    payload: JobSubject | None = None
    tenant_id: UUID | None = None
    delay_s: int | None = Field(default=None, strict=True, ge=0, le=2_592_000)
