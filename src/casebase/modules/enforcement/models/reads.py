"""What the module's lists and its one case answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from casebase.kernel.models import Amount, Stored
from casebase.modules.enforcement.enums import ActionType, ActorType, CaseStatus, PriorityLevel, TaskStatus


class PipelineItem(Stored):
    """A judgment as the pipeline ranks it; without a case it waits for one."""

    rank: int
    judgment_id: UUID
    case_id: UUID | None
    reference: str | None
    case_number: str
    plaintiff_id: UUID
    plaintiff_name: str
    plaintiff_status: str
    collectability_tier: str
    tier: str | None
    priority_level: PriorityLevel
    judgment_amount: Amount
    current_balance: Amount
    county: str
    state: str
    stage: str | None
    next_action_at: datetime | None
    is_breached: bool | None


class PipelinePage(Stored):
    """A page of what to work on, the highest tier first."""

    items: tuple[PipelineItem, ...]
    next_cursor: str | None


class CaseItem(Stored):
    """A case as the list shows it."""

    case_id: UUID
    reference: str
    judgment_id: UUID
    case_number: str | None
    plaintiff_id: UUID
    plaintiff_name: str
    status: CaseStatus
    stage: str
    tier: str
    opening_balance: Amount
    current_balance: Amount
    county: str
    state: str
    next_action_at: datetime | None
    is_breached: bool
    opened_at: datetime
    closed_at: datetime | None


class CasePage(Stored):
    """A page of a tenant's cases, closed ones too, the latest opened first."""

    items: tuple[CaseItem, ...]
    next_cursor: str | None


class CaseStanding(Stored):
    """Where a case stands."""

    case_id: UUID
    tenant_id: UUID
    judgment_id: UUID
    plaintiff_id: UUID
    reference: str
    status: CaseStatus
    current_stage: str
    stage_entered_at: datetime
    days_in_stage: int | None
    next_action_at: datetime | None
    is_breached: bool
    tier: str
    tier_reason: str
    tier_as_of: datetime
    tier_override: str | None
    override_expires_at: datetime | None
    override_note: str | None
    collectability_score: Amount | None
    asset_flags: dict[str, bool]
    levy_status: str | None
    garnishment_status: str | None
    marshal_status: str | None
    opening_balance: Amount
    current_balance: Amount
    notes: str | None
    created_by: str
    opened_at: datetime
    closed_at: datetime | None
    closure_reason: str | None


class JudgmentFacts(Stored):
    """What a court awarded and what is still due; the debtor is initials."""

    judgment_id: UUID
    defendant_mask: str
    judgment_amount: Amount
    balance_due: Amount
    judgment_date: date | None
    priority_level: PriorityLevel
    source: str


class DocketFacts(Stored):
    """The court's side of a judgment, and its scores."""

    docket_id: UUID
    case_number: str
    court: str
    county: str
    state: str
    collectability_score: Amount | None
    collectability_tier: str
    identity_score: Amount | None
    contactability_score: Amount | None
    asset_score: Amount | None
    recency_amount_score: Amount | None
    adverse_penalty: Amount | None
    enrichment_summary: str | None
    last_enriched_at: datetime | None
    last_scored_at: datetime | None


class CasePlaintiff(Stored):
    """Whose judgment it is."""

    plaintiff_id: UUID
    name: str
    status: str


class StageStep(Stored):
    """A stage, and when the case last came to it."""

    stage: str
    ordinal: int
    description: str
    sla_days: int | None
    entered_at: datetime | None


class Action(Stored):
    """A workflow of a case."""

    action_id: UUID
    action_type: ActionType
    status: str
    status_reason: str | None
    opened_at: datetime
    closed_at: datetime | None
    metadata: dict[str, Any]
    created_by: str
    updated_by: str | None
    updated_at: datetime


class CaseDocument(Stored):
    """A filing or piece of evidence; its content has an address of its own."""

    document_id: UUID
    event_id: UUID | None
    doc_kind: str
    uploaded_by: str
    uploaded_at: datetime


class CasePayment(Stored):
    """Money received, and the balance it left."""

    payment_id: UUID
    event_id: UUID
    amount: Amount
    balance_after: Amount
    received_at: datetime
    source: str
    reference: str | None
    document_path: str | None
    recorded_by: str
    created_at: datetime


class CaseTask(Stored):
    """What somebody has to do, or did."""

    task_id: UUID
    plaintiff_id: UUID
    kind: str
    status: TaskStatus
    title: str
    due_at: datetime
    created_by: str
    created_at: datetime
    closed_at: datetime | None
    closed_by: str | None


class NoteSource(Stored):
    """An entry that a copilot's note rests on, by the number it cites."""

    n: int
    source: str
    id: UUID
    kind: str
    at: datetime


class CopilotNote(Stored):
    """What the copilot said last; extractive where no model was set."""

    model: str
    is_extractive: bool
    summary: str
    sources: tuple[NoteSource, ...]
    requested_by: str
    requested_at: datetime
    created_at: datetime


class Case(Stored):
    """One case with all that belongs to it; ``may_act`` says whether the caller may work on it."""

    may_act: bool
    case: CaseStanding
    judgment: JudgmentFacts
    docket: DocketFacts | None
    plaintiff: CasePlaintiff
    stages: tuple[StageStep, ...]
    actions: tuple[Action, ...]
    documents: tuple[CaseDocument, ...]
    payments: tuple[CasePayment, ...]
    tasks: tuple[CaseTask, ...]
    copilot: CopilotNote | None
    """For operators only."""


class TimelineEntry(Stored):
    """Something that was written to a case."""

    entry: Literal["event", "history", "task", "action"]
    entry_id: UUID
    occurred_at: datetime
    kind: str
    status: str | None
    detail: dict[str, Any] | None
    note: str | None
    actor: str
    actor_type: ActorType | None
    document_path: str | None


class Timeline(Stored):
    """A page of a case's timeline, newest first."""

    items: tuple[TimelineEntry, ...]
    next_cursor: str | None


class Sums(Stored):
    """Open cases counted: how many, what they owe, how many are past their stage's SLA."""

    case_count: int
    current_balance: Amount
    breach_count: int


class BoardCell(Sums):
    """The open cases of a tier at a stage."""

    tier: str
    stage: str


class TierSums(Sums):
    """The open cases of a tier."""

    tier: str
    description: str


class StageSums(Sums):
    """The open cases at a stage."""

    stage: str
    description: str
    sla_days: int | None


class Board(Stored):
    """A tenant's open cases by tier and stage."""

    items: tuple[BoardCell, ...]
    tiers: tuple[TierSums, ...]
    stages: tuple[StageSums, ...]
    total: Sums


class Change(Stored):
    """A change of a case: ``delta`` is ``{field: {from, to}}``."""

    history_id: UUID
    case_id: UUID
    reference: str
    change: str
    delta: dict[str, Any]
    note: str | None
    actor: str
    actor_type: ActorType
    created_at: datetime


class ChangePage(Stored):
    """A page of all that was changed on a tenant's cases, newest first."""

    items: tuple[Change, ...]
    next_cursor: str | None


class Override(Stored):
    """A tier set by hand; an expired one ends with the next nightly run."""

    case_id: UUID
    reference: str
    plaintiff_name: str
    tier_override: str
    score_tier: str
    collectability_score: Amount | None
    override_expires_at: datetime
    override_note: str | None
    is_expired: bool
    current_balance: Amount


class OverrideList(Stored):
    """The tiers set by hand, the soonest to end first."""

    items: tuple[Override, ...]


class County(Stored):
    """A place where a tenant's dockets are."""

    state: str
    county: str


class CountyList(Stored):
    """The places where a tenant's dockets are."""

    items: tuple[County, ...]
