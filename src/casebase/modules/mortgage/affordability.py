"""Check what a borrower may borrow in Singapore: TDSR and MSR at a stressed rate.

Source: MAS Notice 645 (both limits, the medium-term rate floor, the haircut on variable income). Since 1
September 2016 MAS lets owner-occupiers refinance above the TDSR limit, at the lender's discretion: a
breach is reported as one, with ``exemption_possible`` for the broker to pursue.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pydantic import BaseModel, ConfigDict

from casebase.modules.mortgage.amortisation import cents, instalment, percent_of
from casebase.modules.mortgage.enums import PropertyType
from casebase.modules.mortgage.inputs import IncomeProfile

_MSR_PROPERTIES = frozenset({PropertyType.HDB, PropertyType.EXECUTIVE_CONDO})
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ServicingRules:
    """The limits and assumptions in force, in percent."""

    tdsr_limit: Decimal
    msr_limit: Decimal
    stress_rate_floor: Decimal
    variable_income_haircut: Decimal


class ServicingCheck(BaseModel):
    """A share of income, in percent, beside its limit; without income no ratio exists and the check fails."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: Decimal | None
    limit: Decimal
    passes: bool


class Affordability(BaseModel):
    """Say whether a new lender may grant the loan; ``msr`` is absent where that limit does not apply."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stressed_instalment: Decimal
    tdsr: ServicingCheck
    msr: ServicingCheck | None
    exemption_possible: bool


def assessable_income(profile: IncomeProfile, variable_income_haircut: Decimal) -> Decimal:
    """Return the monthly income that counts: the fixed part, and the variable part after its haircut."""
    return profile.monthly_income_fixed + percent_of(
        profile.monthly_income_variable, 100 - variable_income_haircut
    )


def assess_affordability(
    profile: IncomeProfile,
    rules: ServicingRules,
    *,
    loan_amount: Decimal,
    tenure_months: int,
    annual_rate: Decimal,
    property_type: PropertyType,
    owner_occupied: bool,
) -> Affordability:
    """Check TDSR, and MSR on an owner-occupied HDB flat or EC, at the rate or its floor if that is higher."""
    stressed_rate = max(annual_rate, rules.stress_rate_floor)
    stressed = cents(instalment(loan_amount, stressed_rate, tenure_months))
    income = assessable_income(profile, rules.variable_income_haircut)
    property_debt = stressed + profile.other_property_debt
    tdsr = _check(property_debt + profile.other_monthly_debt, income, rules.tdsr_limit)
    msr = None
    if owner_occupied and property_type in _MSR_PROPERTIES:
        msr = _check(property_debt, income, rules.msr_limit)
    passes = tdsr.passes and (msr is None or msr.passes)
    return Affordability(
        stressed_instalment=stressed,
        tdsr=tdsr,
        msr=msr,
        exemption_possible=owner_occupied and not passes,
    )


def _check(debt: Decimal, income: Decimal, limit: Decimal) -> ServicingCheck:
    if income == 0:
        return ServicingCheck(ratio=None, limit=limit, passes=False)
    # Rounded up, so that the ratio shown and its verdict never disagree.
    ratio = (debt * 100 / income).quantize(_HUNDREDTH, ROUND_CEILING)
    return ServicingCheck(ratio=ratio, limit=limit, passes=ratio <= limit)
