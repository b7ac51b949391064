"""The result of one advice, its public and its private face, and the hashes that make it replayable.

The public face goes into ``scenario_calculations``: amounts of money, package types, names of facts, no
rate. The private face holds what the public one must not: the inputs, with the rate the borrower pays,
and the facts read.
"""

from __future__ import annotations

import json
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict

from casebase.modules.mortgage.affordability import Affordability
from casebase.modules.mortgage.enums import Recommendation
from casebase.modules.mortgage.facts import RateFact
from casebase.modules.mortgage.inputs import AdviceInputs

# The columns of scenario_calculations, as the specification names them.
_PATH_COLUMNS = {"stay": "stay_json", "reprice": "reprice_json", "refinance": "refi_json"}


class Package(StrEnum):
    """Name the kind of rate a package has."""

    FIXED = "fixed"
    FLOATING = "floating"


class Timing(StrEnum):
    """Say when a switch is made: at the end of the notice, or when the lock-in is over too."""

    NOW = "now"
    AFTER_LOCK_IN = "after_lock_in"


class Reason(StrEnum):
    """Give a reason for the recommendation, or against a path."""

    # Against a path
    SWITCH_AFTER_HORIZON = "switch_after_horizon"
    LOAN_BELOW_MINIMUM = "loan_below_minimum"
    TDSR_EXCEEDED = "tdsr_exceeded"
    MSR_EXCEEDED = "msr_exceeded"

    # For the recommendation
    NO_CHEAPER_PACKAGE = "no_cheaper_package"
    SAVINGS_BELOW_HASSLE = "savings_below_hassle"
    SAVINGS_EXCEED_HASSLE = "savings_exceed_hassle"
    LESS_HASSLE_THAN_REFINANCING = "less_hassle_than_refinancing"
    PENALTY_WORTH_PAYING = "penalty_worth_paying"
    WAIT_FOR_LOCK_IN = "wait_for_lock_in"
    SUBSIDY_COVERS_FEES = "subsidy_covers_fees"

    # To bear in mind
    CURRENT_RATE_ASSUMED = "current_rate_assumed"
    AFFORDABILITY_UNKNOWN = "affordability_unknown"
    EXEMPTION_POSSIBLE = "exemption_possible"


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OneOffCosts(_Result):
    """Itemise what a switch costs once; the subsidy is negative."""

    reprice_fee: Decimal = Decimal("0.00")
    legal: Decimal = Decimal("0.00")
    valuation: Decimal = Decimal("0.00")
    subsidy: Decimal = Decimal("0.00")
    clawback: Decimal = Decimal("0.00")
    lock_in_penalty: Decimal = Decimal("0.00")

    @property
    def total(self) -> Decimal:
        """Add the items up."""
        return (
            self.reprice_fee
            + self.legal
            + self.valuation
            + self.subsidy
            + self.clawback
            + self.lock_in_penalty
        )


class HassleParts(_Result):
    """Itemise the effort of a path in points; together at most 10."""

    paperwork: int = 0
    third_parties: int = 0
    waiting: int = 0
    commitment: int = 0
    requalification: int = 0

    @property
    def score(self) -> int:
        """Add the points up."""
        return self.paperwork + self.third_parties + self.waiting + self.commitment + self.requalification


class PathAdvice(_Result):
    """One path over the horizon.

    ``switch_month`` months are served at the old rate; ``cumulative_costs`` holds interest and one-off
    costs to the end of each month. A path with ``blockers`` cannot be taken; one that cannot start within
    the horizon costs what staying costs.
    """

    path: Recommendation
    package: Package | None = None
    timing: Timing | None = None
    switch_month: int | None = None
    instalment_before: Decimal
    instalment_after: Decimal
    interest: Decimal
    one_off_costs: OneOffCosts = OneOffCosts()
    one_off_total: Decimal = Decimal("0.00")
    total: Decimal
    net_savings: Decimal = Decimal("0.00")
    break_even_month: int | None = None
    hassle_score: int = 0
    hassle_parts: HassleParts = HassleParts()
    blockers: tuple[Reason, ...] = ()
    cumulative_costs: tuple[Decimal, ...]


class Advice(_Result):
    """The three paths compared, what is recommended and why, and all that is needed to compute it again."""

    inputs: AdviceInputs
    facts_used: tuple[RateFact, ...]
    rule_version: str
    horizon_months: int
    stay: PathAdvice
    reprice: PathAdvice
    refinance: PathAdvice
    affordability: Affordability | None
    recommendation: Recommendation
    reason_codes: tuple[Reason, ...]
    net_savings: Decimal
    hassle_score: int

    @cached_property
    def facts_hash(self) -> str:
        """Identify the facts used: equal facts, equal hash."""
        return _fingerprint(self._facts_json)

    @cached_property
    def result_hash(self) -> str:
        """Identify the whole advice: its inputs, the facts it used and every number found."""
        return _fingerprint(
            {"inputs": self._inputs_json, "facts_used": self._facts_json, "findings": self._findings_json}
        )

    def public_json(self) -> dict[str, Any]:
        """Return what may be stored and shown: no rate, no input, no bank."""
        findings = dict(self._findings_json)
        for path, column in _PATH_COLUMNS.items():
            findings[column] = findings.pop(path)
        return findings | {
            "rate_facts": [fact.fact_key.value for fact in self.facts_used],
            "facts_hash": self.facts_hash,
            "result_hash": self.result_hash,
        }

    def private_json(self) -> dict[str, Any]:
        """Return the record that ``replay`` takes, for an unexposed table alone: it holds actual rates."""
        return {
            "inputs": self._inputs_json,
            "facts_used": self._facts_json,
            "rule_version": self.rule_version,
            "facts_hash": self.facts_hash,
            "result_hash": self.result_hash,
        }

    @cached_property
    def _inputs_json(self) -> dict[str, Any]:
        return self.inputs.model_dump(mode="json")

    @cached_property
    def _facts_json(self) -> list[dict[str, Any]]:
        return [fact.model_dump(mode="json") for fact in self.facts_used]

    @cached_property
    def _findings_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={"inputs", "facts_used"})


def _fingerprint(value: object) -> str:
    """Hash canonical JSON: keys sorted, no spaces, decimals already strings."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
