"""Exact numbers at the boundary: one spelling for each value, so that equal inputs have equal hashes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from casebase.modules.mortgage.amortisation import ARITHMETIC, cents


def _refuse_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is expected, not true or false")
    return value


def _plain(value: Decimal) -> Decimal:
    """Drop trailing zeros, exponents and the sign of zero: 3.50, 35E-1 and 3.5 are one value."""
    return Decimal(format(value.copy_abs() if value == 0 else value.normalize(ARITHMETIC), "f"))


PlainDecimal = Annotated[Decimal, BeforeValidator(_refuse_bool), AfterValidator(_plain)]
"""A decimal in its shortest plain spelling."""

Money = Annotated[
    Decimal,
    BeforeValidator(_refuse_bool),
    Field(ge=0, le=1_000_000_000, decimal_places=2),
    AfterValidator(cents),
]
"""Singapore dollars and cents, not negative."""

AnnualRate = Annotated[PlainDecimal, Field(ge=0, le=25, decimal_places=4)]
"""An annual interest rate in percent."""
