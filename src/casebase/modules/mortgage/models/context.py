"""What the AI broker may know of a case, and what a tenant decided about it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from casebase.kernel.models import Amount, Given, Stored
from casebase.modules.mortgage.enums import (
    PropertyType,
    Recommendation,
)
from casebase.modules.mortgage.numbers import Money


class InputsSummary(Stored):
    """The loan as an AI broker may know it; what consent expiry took away is absent."""

    property_type: PropertyType | None = None
    loan_amount: Amount | None = None
    tenure_months: int | None = None
    lock_in_remaining: int | None = None
    owner_occupied: bool | None = None
    current_bank_mask: str | None = None


class ContextInputs(Stored):
    """The newest inputs of a context."""

    summary: InputsSummary


class ContextCalculations(Stored):
    """The advice of a context; null until it is there."""

    recommendation: Recommendation | None


class RevealStatus(Stored):
    """Whether the tenant reveals rates at all, and whether this borrower has seen any."""

    is_enabled: bool
    is_revealed: bool
    last_revealed_at: datetime | None


class CounterOffer(Stored):
    """The newest bank quote on record, without what a rate could be computed from."""

    quoted_at: datetime
    bank_mask: str | None = None
    is_current_bank: bool | None = None
    net_savings: Amount | None = None
    fees: Amount | None = None
    subsidy: Amount | None = None
    lock_in_months: int | None = None
    valid_until: date | None = None


class ScenarioContext(Stored):
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


class MortgageSettings(Stored):
    """What a tenant decided for itself."""

    tenant_id: UUID
    is_reveal_enabled: bool
    high_value_loan: Amount
    retention_risk_savings: Amount


class SettingsChange(Given):
    """What to decide; an absent field stays as it is."""

    tenant_id: UUID | None = None
    is_reveal_enabled: bool | None = Field(default=None, strict=True)
    high_value_loan: Money | None = Field(default=None, le=100_000_000)
    retention_risk_savings: Money | None = Field(default=None, le=100_000_000)
