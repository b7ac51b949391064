"""The typed values of the module's RPCs, as ``service.Client`` takes and returns them.

The database checks every payload again by the same rules (``mortgage.inputs_schema``): an RPC can be called
without Python in front.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from casebase.modules.mortgage.enums import (
    AiEntryType,
    CaseStatus,
    DecisionReason,
    EventType,
    Hurdle,
    OutcomeDecision,
    PropertyType,
    Recommendation,
    TagSource,
)
from casebase.modules.mortgage.inputs import MAX_TENURE_MONTHS, IncomeProfile
from casebase.modules.mortgage.numbers import AnnualRate, Money

# A letter somewhere and no control character.
_NAME = r"^[^\x00-\x1f\x7f]*[^\W\d_][^\x00-\x1f\x7f]*$"

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A snake_case word of at most 40 characters."""

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""Singapore dollars as the database answers them: a JSON number."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Stored(BaseModel):
    """What the database answers: a field it learns later does not break an older client."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Contact(_Given):
    """Who asks. Kept in ``leads`` alone, and erased when consent ends."""

    name: str = Field(min_length=1, max_length=120, pattern=_NAME, repr=False)
    email: str = Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        repr=False,
        json_schema_extra={"format": "email"},
    )
    phone: str = Field(
        max_length=32,
        pattern=r"^[+]?[(]?[0-9](?:[ ().-]{0,2}[0-9]){7,14}$",
        repr=False,
        description="8 to 15 digits; spaces, hyphens, points and brackets may part them.",
    )


class ConsentTerms(_Given):
    """For what the borrower agrees to be contacted and advised, and for how many days."""

    purposes: tuple[Word, ...] = Field(min_length=1, max_length=20, examples=[["advice"]])
    days: int = Field(default=5, strict=True, ge=1, le=365)


class CaseInputs(_Given):
    """The loan as the borrower tells it: Singapore dollars, percent a year, months.

    ``current_bank`` is a code, name or mask of the directory; any other text becomes ``Other bank``.
    """

    loan_amount: Money = Field(gt=0, le=100_000_000)
    tenure_months: int = Field(strict=True, ge=1, le=MAX_TENURE_MONTHS)
    property_type: PropertyType
    current_bank: str = Field(min_length=1, max_length=80)
    current_rate: AnnualRate | None = None
    lock_in_remaining: int = Field(default=0, strict=True, ge=0, le=120)
    owner_occupied: bool = Field(default=True, strict=True)
    income_profile: IncomeProfile | None = None


class LeadForm(_Given):
    """A lead: who asks, to what they agree, and their loan."""

    contact: Contact
    consent: ConsentTerms
    inputs: CaseInputs
    source: Word = Field(examples=["website"])


class OpenedCase(_Stored):
    """What opening a case wrote; ``job_id`` is the queued calculation."""

    case_id: UUID
    lead_id: UUID
    consent_id: UUID
    input_version: int
    job_id: int


class CaseSummary(_Stored):
    """A case as lists show it, masked; ``recommendation`` is absent until the advice is there."""

    case_id: UUID
    reference: str
    initials: str
    status: CaseStatus
    recommendation: Recommendation | None
    net_savings: Amount
    loan_amount: Amount
    tenure_months: int
    property_type: PropertyType
    current_bank_mask: str
    lock_in_remaining: int
    source: str
    consent_until: datetime
    next_review_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CasePage(_Stored):
    """A page of cases; pass ``next_cursor`` to get the one after it."""

    items: tuple[CaseSummary, ...]
    next_cursor: str | None


class InputsVersion(_Stored):
    """One version of a case's inputs, masked."""

    version: int
    loan_amount: Amount
    tenure_months: int
    property_type: PropertyType
    current_bank_mask: str
    lock_in_remaining: int
    owner_occupied: bool
    income_profile_json: dict[str, Any] | None
    created_by: str
    created_at: datetime


class Calculation(_Stored):
    """One calculation; the shape of its documents is ``results.Advice.public_json``."""

    calc_version: int
    input_version: int
    recommendation: Recommendation
    reason_codes: tuple[str, ...]
    net_savings: Amount
    hassle_score: int
    horizon_months: int
    stay_json: dict[str, Any]
    reprice_json: dict[str, Any]
    refi_json: dict[str, Any]
    affordability_json: dict[str, Any] | None
    ai_notes_json: dict[str, Any] | None
    rule_version: str
    rate_facts: tuple[str, ...]
    facts_hash: str
    result_hash: str
    created_at: datetime


class CaseEvent(_Stored):
    """One entry of the timeline."""

    event_type: EventType
    payload: dict[str, Any]
    occurred_at: datetime


class CaseTag(_Stored):
    """A label and who put it there."""

    tag: str
    source: TagSource


class CaseOutcome(_Stored):
    """How a closed case ended."""

    decision: OutcomeDecision
    bank_mask: str | None
    loan_quantum: Amount | None
    commission_estimate: Amount | None
    signed_at: datetime | None
    notes: str | None
    decision_reason: DecisionReason | None
    hurdles: tuple[Hurdle, ...]
    created_at: datetime


class Case(_Stored):
    """One case, masked, with its history newest first."""

    case_id: UUID
    reference: str
    status: CaseStatus
    initials: str
    source: str
    recommendation: Recommendation | None
    net_savings: Amount
    latest_input_version: int
    latest_calc_version: int
    consent_id: UUID
    consent_until: datetime
    next_review_at: datetime | None
    notes: str | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    inputs: tuple[InputsVersion, ...]
    calculations: tuple[Calculation, ...]
    events: tuple[CaseEvent, ...]
    tags: tuple[CaseTag, ...]
    outcome: CaseOutcome | None


class InputsSummary(_Stored):
    """The loan as an AI broker may know it; what consent expiry took away is absent."""

    property_type: PropertyType | None = None
    loan_amount: Amount | None = None
    tenure_months: int | None = None
    lock_in_remaining: int | None = None
    owner_occupied: bool | None = None
    current_bank_mask: str | None = None


class ContextInputs(_Stored):
    """The newest inputs of a context."""

    summary: InputsSummary


class ContextCalculations(_Stored):
    """The advice of a context; null until it is there."""

    recommendation: Recommendation | None


class RevealStatus(_Stored):
    """Whether the tenant reveals rates at all, and whether this borrower has seen any."""

    is_enabled: bool
    is_revealed: bool
    last_revealed_at: datetime | None


class CounterOffer(_Stored):
    """The newest bank quote on record, without what a rate could be computed from."""

    quoted_at: datetime
    bank_mask: str | None = None
    is_current_bank: bool | None = None
    net_savings: Amount | None = None
    fees: Amount | None = None
    subsidy: Amount | None = None
    lock_in_months: int | None = None
    valid_until: date | None = None


class ScenarioContext(_Stored):
    """What an AI broker may know of a case; ``savings`` are net, over the horizon of the advice.

    ``counter_offer`` is there only when a quote is on record and the tenant's reveal is on.
    """

    inputs: ContextInputs
    calculations: ContextCalculations
    savings: Amount | None
    hassle_score: int | None
    tags: tuple[str, ...]
    reveal: RevealStatus
    counter_offer: CounterOffer | None = None


class MortgageSettings(_Stored):
    """What a tenant decided for itself."""

    tenant_id: UUID
    is_reveal_enabled: bool
    high_value_loan: Amount
    retention_risk_savings: Amount


class SettingsChange(_Given):
    """What to decide; an absent field stays as it is."""

    tenant_id: UUID | None = None
    is_reveal_enabled: bool | None = Field(default=None, strict=True)
    high_value_loan: Money | None = Field(default=None, le=100_000_000)
    retention_risk_savings: Money | None = Field(default=None, le=100_000_000)


class DayStats(_Stored):
    """What happened on one day: cases opened, cases revealed to, cases that ended in a switch."""

    day: date
    new_cases: int
    reveals: int
    conversions: int


class DailyStats(_Stored):
    """The days of a period on which something happened."""

    from_day: date
    to_day: date
    items: tuple[DayStats, ...]


class OutcomeCount(_Stored):
    """How many cases that were advised so ended so."""

    recommendation: Recommendation | None
    decision: OutcomeDecision
    is_followed: bool
    cases: int
    net_savings: Amount


class RecommendationOutcomes(_Stored):
    """How the cases of a period ended, by what was recommended."""

    from_day: date
    to_day: date
    items: tuple[OutcomeCount, ...]


class FollowUpEffect(_Stored):
    """Of the cases with such an event: how many are concluded, how many switched, and after how many hours (median)."""

    event_type: EventType
    cases: int
    concluded: int
    converted: int
    median_hours: float | None


class FollowUpEffectiveness(_Stored):
    """How long cases took from an event of a period to their outcome."""

    from_day: date
    to_day: date
    items: tuple[FollowUpEffect, ...]


class ConsentExtension(_Given):
    """Until when a consent is to hold: later than now, by 365 days at most."""

    until: AwareDatetime


class Consent(_Stored):
    """For what and until when a borrower agreed; ``expired_at`` is when all that is personal was erased."""

    consent_id: UUID
    purposes: tuple[str, ...]
    granted_at: datetime
    until: datetime
    withdrawn_at: datetime | None
    expired_at: datetime | None


# Capture: what is put on a case after its form

RecordableEvent = Literal["chat", "reveal", "follow_up", "bank_quote", "doc_received", "signed"]
"""The events that are told from outside; the others write themselves."""

ConversationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:-]{0,127}$")]
"""The chat system's id of a conversation, kept as a hash."""


class ScenarioEvent(_Given):
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


class RecordedEvent(_Stored):
    """What recording an event wrote, and the case's status since."""

    case_id: UUID
    event_id: UUID
    status: CaseStatus


class IncomeCorrection(_Given):
    """The parts of an income profile to correct."""

    monthly_income_fixed: Money | None = None
    monthly_income_variable: Money | None = None
    other_property_debt: Money | None = None
    other_monthly_debt: Money | None = None


class InputsCorrection(_Given):
    """The fields of ``CaseInputs`` to correct; those left out stay, and null empties an optional one."""

    loan_amount: Annotated[Money, Field(gt=0, le=100_000_000)] | None = None
    tenure_months: Annotated[int, Field(strict=True, ge=1, le=MAX_TENURE_MONTHS)] | None = None
    property_type: PropertyType | None = None
    current_bank: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    current_rate: AnnualRate | None = None
    lock_in_remaining: Annotated[int, Field(strict=True, ge=0, le=120)] | None = None
    owner_occupied: Annotated[bool, Field(strict=True)] | None = None
    income_profile: IncomeCorrection | None = None


class RevisedInputs(_Stored):
    """The version that a correction wrote; ``job_id`` is its queued calculation."""

    case_id: UUID
    input_version: int
    job_id: int


class OutcomeForm(_Given):
    """How a case ended. ``bank`` is kept as its mask; publishing may tell ``decision_reason`` and ``hurdles``."""

    decision: OutcomeDecision
    decision_reason: DecisionReason | None = None
    hurdles: tuple[Hurdle, ...] = Field(default=(), max_length=20)
    bank: str | None = Field(default=None, min_length=1, max_length=80)
    loan_quantum: Annotated[Money, Field(le=100_000_000)] | None = None
    commission_estimate: Annotated[Money, Field(le=100_000_000)] | None = None
    signed_at: AwareDatetime | None = None
    notes: str | None = Field(default=None, max_length=8000)


class RecordedOutcome(_Stored):
    """What closing a case wrote."""

    case_id: UUID
    outcome_id: UUID
    status: CaseStatus


class AiEntry(_Given):
    """What the AI was shown, said or decided on a case; ``prompt_hash`` is the SHA-256 of the prompt, in hex."""

    entry_type: AiEntryType
    model: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$")
    prompt_hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    content: dict[str, Any]
    tags: tuple[Annotated[str, StringConstraints(pattern=r"^#[a-z][a-z0-9_]{0,39}$")], ...] = Field(
        default=(), max_length=10
    )


class RecordedAiEntry(_Stored):
    """The entry that was added to the ledger."""

    case_id: UUID
    entry_id: UUID
