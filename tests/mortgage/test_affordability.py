"""TDSR and MSR: which limits apply to whom, at which rate, on which income."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from casebase.modules.mortgage.affordability import (
    Affordability,
    ServicingRules,
    assess_affordability,
    assessable_income,
)
from casebase.modules.mortgage.enums import PropertyType
from casebase.modules.mortgage.inputs import IncomeProfile

D = Decimal
RULES = ServicingRules(
    tdsr_limit=D(55), msr_limit=D(30), stress_rate_floor=D(4), variable_income_haircut=D(30)
)


def income(fixed: object, **more: object) -> IncomeProfile:
    return IncomeProfile.model_validate({"monthly_income_fixed": fixed, **more})


def assess(profile: IncomeProfile, **changes: Any) -> Affordability:
    case: dict[str, Any] = {
        "loan_amount": D(500000),
        "tenure_months": 300,
        "annual_rate": D("1.55"),
        "property_type": PropertyType.PRIVATE_CONDO,
        "owner_occupied": True,
    }
    return assess_affordability(profile, RULES, **{**case, **changes})


class TestIncome:
    def test_variable_income_takes_its_haircut(self):
        assert assessable_income(income(5000, monthly_income_variable=1000), D(30)) == 5700

    def test_without_income_every_check_fails_and_no_ratio_is_made_up(self):
        found = assess(income(0))
        assert found.tdsr.ratio is None
        assert not found.tdsr.passes


class TestStress:
    def test_a_low_rate_is_stressed_to_the_floor(self):
        assert assess(income(9000)).stressed_instalment == D("2639.18")

    def test_a_rate_above_the_floor_is_taken_as_it_is(self):
        assert assess(income(9000), annual_rate=D("4.5")).stressed_instalment == D("2779.16")


class TestTdsr:
    def test_counts_all_debt_against_assessable_income(self):
        # (2,639.18 + 300 + 500) / (5,000 + 70 % of 2,000) = 53.7372 %
        profile = income(5000, monthly_income_variable=2000, other_property_debt=300, other_monthly_debt=500)
        assert assess(profile).tdsr.ratio == D("53.74")
        assert assess(profile).tdsr.passes

    def test_passes_at_the_limit_and_fails_a_cent_above_it(self):
        # 55 % of 10,000 is 5,500: room for 2,860.82 besides the instalment.
        at_limit = assess(income(10000, other_monthly_debt="2860.82")).tdsr
        above = assess(income(10000, other_monthly_debt="2860.83")).tdsr
        assert (at_limit.ratio, at_limit.passes) == (D("55.00"), True)
        assert (above.ratio, above.passes) == (D("55.01"), False)


class TestMsr:
    @pytest.mark.parametrize("kind", [PropertyType.HDB, PropertyType.EXECUTIVE_CONDO])
    def test_applies_to_owner_occupied_flats_and_executive_condos(self, kind):
        found = assess(income(9000), property_type=kind)
        assert found.msr is not None
        assert found.msr.ratio == D("29.33")

    @pytest.mark.parametrize("kind", [PropertyType.PRIVATE_CONDO, PropertyType.LANDED])
    def test_does_not_apply_to_private_homes(self, kind):
        assert assess(income(9000), property_type=kind).msr is None

    def test_does_not_apply_where_the_owner_does_not_live(self):
        assert assess(income(9000), property_type=PropertyType.HDB, owner_occupied=False).msr is None

    def test_leaves_other_debt_to_the_tdsr(self):
        found = assess(income(9000, other_monthly_debt=2500), property_type=PropertyType.HDB)
        assert found.msr is not None
        assert found.msr.passes
        assert not found.tdsr.passes


class TestExemption:
    def test_is_possible_only_for_an_owner_occupier_who_fails(self):
        assert assess(income(4000)).exemption_possible
        assert not assess(income(4000), owner_occupied=False).exemption_possible
        assert not assess(income(9000)).exemption_possible
