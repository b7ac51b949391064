"""A fixed market for the advice tests: every fact the engine reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from casebase.modules.mortgage.facts import AdviceFacts, FactKey, RateFact
from casebase.modules.mortgage.inputs import AdviceInputs

VALUES: dict[str, str] = {
    "sora_3m": "1.15",
    "baseline_spread": "1.00",
    "hdb_concessionary_rate": "2.60",
    "reprice_fixed_rate": "1.85",
    "reprice_floating_spread": "0.60",
    "refinance_fixed_rate": "1.60",
    "refinance_floating_spread": "0.40",
    "reprice_fee": "800",
    "reprice_notice": "1",
    "refinance_notice": "3",
    "refinance_minimum_loan": "100000",
    "legal_fee_hdb": "1800",
    "legal_fee_private": "2200",
    "valuation_fee_hdb": "250",
    "valuation_fee_private": "500",
    "subsidy_rate": "0.4",
    "subsidy_cap": "2000",
    "subsidy_minimum_loan": "300000",
    "clawback_rate": "0.4",
    "clawback_cap": "2000",
    "clawback_past_lock_in": "12",
    "lock_in_penalty_rate": "1.5",
    "tdsr_limit": "55",
    "msr_limit": "30",
    "stress_rate_floor": "4",
    "variable_income_haircut": "30",
    "hassle_worth": "100",
}

LOAN: dict[str, Any] = {
    "loan_amount": "500000",
    "tenure_months": 300,
    "property_type": "private_condo",
    "current_rate": "3.5",
}


def row(key: str, value: object, on: str = "2026-01-05", version: str = "sg-2026.1") -> dict[str, Any]:
    """Make a row of mortgage.rate_facts."""
    return {
        "fact_key": key,
        "value": value,
        "unit": FactKey(key).unit.value,
        "effective_from": date.fromisoformat(on),
        "source": "test market",
        "rule_version": version,
    }


def market(**changes: object) -> AdviceFacts:
    """Make the market with some values changed."""
    values: dict[str, object] = {**VALUES, **changes}
    return AdviceFacts.of(RateFact.model_validate(row(key, value)) for key, value in values.items())


def loan(**changes: object) -> AdviceInputs:
    """Make the inputs of a plain private loan with some changed."""
    return AdviceInputs.model_validate({**LOAN, **changes})
