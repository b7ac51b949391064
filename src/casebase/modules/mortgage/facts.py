"""The dated facts that advice rests on: market rates, fees and the regulator's limits.

They live in ``mortgage.rate_facts`` with their source. An advice stores the ones it read, so that it can be
replayed after they have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from casebase.kernel.errors import CasebaseError
from casebase.modules.mortgage.numbers import PlainDecimal


class Unit(StrEnum):
    """Say what a fact's number counts."""

    PERCENT_PA = "percent_pa"
    PERCENT = "percent"
    SGD = "sgd"
    MONTHS = "months"


class FactKey(StrEnum):
    """Name a fact the engine reads, and the unit it must have."""

    unit: Unit

    def __new__(cls, value: str, unit: Unit) -> Self:
        """Make a member whose value is the key alone."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.unit = unit
        return member

    # What a borrower pays who does not say.
    SORA_3M = "sora_3m", Unit.PERCENT_PA
    BASELINE_SPREAD = "baseline_spread", Unit.PERCENT_PA
    HDB_CONCESSIONARY_RATE = "hdb_concessionary_rate", Unit.PERCENT_PA

    # Board rates: what anyone may have. A floating package is SORA plus its spread.
    REPRICE_FIXED_RATE = "reprice_fixed_rate", Unit.PERCENT_PA
    REPRICE_FLOATING_SPREAD = "reprice_floating_spread", Unit.PERCENT_PA
    REFINANCE_FIXED_RATE = "refinance_fixed_rate", Unit.PERCENT_PA
    REFINANCE_FLOATING_SPREAD = "refinance_floating_spread", Unit.PERCENT_PA

    # The price of a switch.
    REPRICE_FEE = "reprice_fee", Unit.SGD
    REPRICE_NOTICE = "reprice_notice", Unit.MONTHS
    REFINANCE_NOTICE = "refinance_notice", Unit.MONTHS
    REFINANCE_MINIMUM_LOAN = "refinance_minimum_loan", Unit.SGD
    LEGAL_FEE_HDB = "legal_fee_hdb", Unit.SGD
    LEGAL_FEE_PRIVATE = "legal_fee_private", Unit.SGD
    VALUATION_FEE_HDB = "valuation_fee_hdb", Unit.SGD
    VALUATION_FEE_PRIVATE = "valuation_fee_private", Unit.SGD
    SUBSIDY_RATE = "subsidy_rate", Unit.PERCENT
    SUBSIDY_CAP = "subsidy_cap", Unit.SGD
    SUBSIDY_MINIMUM_LOAN = "subsidy_minimum_loan", Unit.SGD
    CLAWBACK_RATE = "clawback_rate", Unit.PERCENT
    CLAWBACK_CAP = "clawback_cap", Unit.SGD
    CLAWBACK_PAST_LOCK_IN = "clawback_past_lock_in", Unit.MONTHS
    LOCK_IN_PENALTY_RATE = "lock_in_penalty_rate", Unit.PERCENT

    # What the regulator allows.
    TDSR_LIMIT = "tdsr_limit", Unit.PERCENT
    MSR_LIMIT = "msr_limit", Unit.PERCENT
    STRESS_RATE_FLOOR = "stress_rate_floor", Unit.PERCENT_PA
    VARIABLE_INCOME_HAIRCUT = "variable_income_haircut", Unit.PERCENT

    # What a point of hassle must earn before a switch is worth it.
    HASSLE_WORTH = "hassle_worth", Unit.SGD


class MissingFactError(CasebaseError):
    """The advice needs a fact that is not in force on its date."""

    code = "rate_fact_missing"

    def __init__(self, key: FactKey) -> None:
        super().__init__(detail={"fact_key": key.value}, hint="Insert the fact into mortgage.rate_facts.")


class RateFact(BaseModel):
    """One fact as ``mortgage.rate_facts`` holds it: a number, its unit, its first day, its source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact_key: FactKey
    value: PlainDecimal = Field(ge=0, le=10_000_000, decimal_places=6)
    unit: Unit
    effective_from: date
    source: str = Field(min_length=1)
    rule_version: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_the_unit_of_its_key(self) -> Self:
        if self.unit is not self.fact_key.unit:
            raise ValueError(f"{self.fact_key} is counted in {self.fact_key.unit}")
        if self.unit is Unit.MONTHS and self.value != self.value.to_integral_value():
            raise ValueError(f"{self.fact_key} is a whole number of months")
        return self


@dataclass(frozen=True, slots=True)
class AdviceFacts:
    """Hold the fact in force for each key."""

    by_key: Mapping[FactKey, RateFact]

    COLUMNS: ClassVar[tuple[str, ...]] = tuple(RateFact.model_fields)
    _KNOWN: ClassVar[frozenset[str]] = frozenset(key.value for key in FactKey)

    @classmethod
    def of(cls, facts: Iterable[RateFact]) -> Self:
        """Hold these facts, one a key."""
        return cls(MappingProxyType({fact.fact_key: fact for fact in facts}))

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], on: date) -> Self:
        """Pick from rows of ``mortgage.rate_facts`` the newest one of each key in force on a day.

        Keys that the engine does not read are passed over: the table may hold more than advice needs.
        """
        facts = (
            RateFact.model_validate({column: row[column] for column in cls.COLUMNS})
            for row in rows
            if row["fact_key"] in cls._KNOWN
        )
        in_force = (fact for fact in facts if fact.effective_from <= on)
        return cls.of(sorted(in_force, key=lambda fact: fact.effective_from))


class FactReader:
    """Read facts by key and remember which were read: those are the facts an advice used."""

    def __init__(self, facts: AdviceFacts) -> None:
        self._facts = facts.by_key
        self._used: dict[FactKey, RateFact] = {}

    def __getitem__(self, key: FactKey) -> Decimal:
        fact = self._facts.get(key)
        if fact is None:
            raise MissingFactError(key)
        self._used[key] = fact
        return fact.value

    def months(self, key: FactKey) -> int:
        """Read a fact that counts months."""
        return int(self[key])

    @property
    def used(self) -> tuple[RateFact, ...]:
        """List the facts read so far, by key."""
        return tuple(self._used[key] for key in sorted(self._used))
