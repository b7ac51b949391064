"""A case as staff and services read it, masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from casebase.kernel.models import Amount, Stored
from casebase.modules.mortgage.enums import (
    CaseStatus,
    DecisionReason,
    EventType,
    Hurdle,
    OutcomeDecision,
    PropertyType,
    Recommendation,
    TagSource,
)

_LETTERS = str.maketrans("0123456789", "GHJKMNPQRS")


def reference_of(case_id: UUID | str) -> str:
    """Return what people call a case, as ``scenario_cases.reference`` does: letters, as masks know numbers."""
    return f"M-{str(case_id)[:8].upper().translate(_LETTERS)}"


class CaseSummary(Stored):
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


class CasePage(Stored):
    """A page of cases; pass ``next_cursor`` to get the one after it."""

    items: tuple[CaseSummary, ...]
    next_cursor: str | None


class InputsVersion(Stored):
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


class Calculation(Stored):
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


class CaseEvent(Stored):
    """One entry of the timeline."""

    event_type: EventType
    payload: dict[str, Any]
    occurred_at: datetime


class CaseTag(Stored):
    """A label and who put it there."""

    tag: str
    source: TagSource


class CaseOutcome(Stored):
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


class Case(Stored):
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
