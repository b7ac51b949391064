"""What is put on a case after its form: events, corrections, outcomes and AI entries."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from casebase.kernel.models import Given, Stored
from casebase.modules.mortgage.enums import (
    AiEntryType,
    CaseStatus,
    DecisionReason,
    Hurdle,
    OutcomeDecision,
    PropertyType,
)
from casebase.modules.mortgage.inputs import MAX_TENURE_MONTHS
from casebase.modules.mortgage.numbers import AnnualRate, Money

RecordableEvent = Literal["chat", "reveal", "follow_up", "bank_quote", "doc_received", "signed"]
"""The events that are told from outside; the others write themselves."""

ConversationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:-]{0,127}$")]
"""The chat system's id of a conversation, kept as a hash."""


class ScenarioEvent(Given):
    """What happened on a case.

    ``payload`` is at most 16 KB and five levels deep; its known fields are checked (``mortgage.event_schema``), its
    texts masked, its banks replaced by their masks, and an actual rate anywhere in it is refused (``rate_leak``).
    A ``conversation_id`` in it ties a chat to the case.
    """

    event_type: RecordableEvent
    payload: dict[str, Any] = Field(
        default_factory=dict,
        examples=[{"bank": "Bank C", "monthly_instalment": 3120.5, "lock_in_months": 24}],
    )
    occurred_at: AwareDatetime | None = None


class ChatEvent(ScenarioEvent):
    """An event as a chat system sends it: about a case, or about the case its conversation is tied to."""

    case_id: UUID | None = None
    conversation_id: ConversationId | None = None
    tenant_id: UUID | None = None


class RecordedEvent(Stored):
    """What recording an event wrote, and the case's status since."""

    case_id: UUID
    event_id: UUID
    status: CaseStatus


class IncomeCorrection(Given):
    """The parts of an income profile to correct."""

    monthly_income_fixed: Money | None = None
    monthly_income_variable: Money | None = None
    other_property_debt: Money | None = None
    other_monthly_debt: Money | None = None


class InputsCorrection(Given):
    """The fields of ``CaseInputs`` to correct; those left out stay, and null empties an optional one."""

    loan_amount: Annotated[Money, Field(gt=0, le=100_000_000)] | None = None
    tenure_months: Annotated[int, Field(strict=True, ge=1, le=MAX_TENURE_MONTHS)] | None = None
    property_type: PropertyType | None = None
    current_bank: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    current_rate: AnnualRate | None = None
    lock_in_remaining: Annotated[int, Field(strict=True, ge=0, le=120)] | None = None
    owner_occupied: Annotated[bool, Field(strict=True)] | None = None
    income_profile: IncomeCorrection | None = None


class RevisedInputs(Stored):
    """The version that a correction wrote; ``job_id`` is its queued calculation."""

    case_id: UUID
    input_version: int
    job_id: int


class OutcomeForm(Given):
    """How a case ended. ``bank`` is kept as its mask; publishing may tell ``decision_reason`` and ``hurdles``."""

    decision: OutcomeDecision
    decision_reason: DecisionReason | None = None
    hurdles: tuple[Hurdle, ...] = Field(default=(), max_length=20)
    bank: str | None = Field(default=None, min_length=1, max_length=80)
    loan_quantum: Annotated[Money, Field(le=100_000_000)] | None = None
    commission_estimate: Annotated[Money, Field(le=100_000_000)] | None = None
    signed_at: AwareDatetime | None = None
    notes: str | None = Field(default=None, max_length=8000)


class RecordedOutcome(Stored):
    """What closing a case wrote."""

    case_id: UUID
    outcome_id: UUID
    status: CaseStatus


class AiEntry(Given):
    """What the AI was shown, said or decided on a case; ``prompt_hash`` is the SHA-256 of the prompt, in hex."""

    entry_type: AiEntryType
    model: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$")
    prompt_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    content: dict[str, Any]
    tags: tuple[Annotated[str, StringConstraints(pattern=r"^#[a-z][a-z0-9_]{0,39}$")], ...] = Field(
        default=(), max_length=10
    )


class RecordedAiEntry(Stored):
    """The entry that was added to the ledger."""

    case_id: UUID
    entry_id: UUID
