"""What a borrower tells: the inputs of one advice."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from casebase.modules.mortgage.enums import PropertyType
from casebase.modules.mortgage.numbers import AnnualRate, Money

MAX_TENURE_MONTHS = 420  # 35 years, MAS Notice 632


class IncomeProfile(BaseModel):
    """Monthly income and debt, in Singapore dollars, of all borrowers together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monthly_income_fixed: Money
    monthly_income_variable: Money = Decimal("0.00")
    other_property_debt: Money = Decimal("0.00")
    other_monthly_debt: Money = Decimal("0.00")


class AdviceInputs(BaseModel):
    """The loan as it stands today.

    Without ``current_rate`` the dated baseline is assumed; without ``clawback_remaining`` it is derived
    from the lock-in; without an ``income_profile`` affordability is left open.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loan_amount: Money = Field(gt=0, le=100_000_000)
    tenure_months: int = Field(strict=True, ge=1, le=MAX_TENURE_MONTHS)
    property_type: PropertyType
    current_rate: AnnualRate | None = None
    lock_in_remaining: int = Field(default=0, strict=True, ge=0, le=120)
    clawback_remaining: int | None = Field(default=None, strict=True, ge=0, le=120)
    owner_occupied: bool = Field(default=True, strict=True)
    income_profile: IncomeProfile | None = None
    horizon_months: int = Field(default=36, strict=True, ge=1, le=MAX_TENURE_MONTHS)
