"""Compute annuity loans exactly, in Decimal; only ``cents`` rounds.

Rates are annual percentages with monthly rests, as Singapore banks quote them. Values on the way to
``cents`` are unrounded, so that a total never carries the rounding of its months.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

# The caller's own decimal context must not change an advice, hence its replay: the engine runs in this one.
ARITHMETIC = Context(prec=34, traps=[InvalidOperation, DivisionByZero, Overflow])

_CENT = Decimal("0.01")
_PERCENT_MONTHS = Decimal(1200)
_ZERO = Decimal(0)


def cents(amount: Decimal) -> Decimal:
    """Round an amount of money half up to the cent."""
    return amount.quantize(_CENT, ROUND_HALF_UP, ARITHMETIC)


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """Return that percentage of an amount, unrounded."""
    return amount * percent / 100


def instalment(principal: Decimal, annual_rate: Decimal, months: int) -> Decimal:
    """Return the level monthly payment that settles the loan in ``months`` payments, unrounded."""
    if annual_rate == 0:
        return principal / months
    rate = annual_rate / _PERCENT_MONTHS
    growth = (1 + rate) ** months
    return principal * rate * growth / (growth - 1)


def balance_after(principal: Decimal, annual_rate: Decimal, months: int, paid: int) -> Decimal:
    """Return what is still owed after ``paid`` of ``months`` instalments, unrounded."""
    payment = instalment(principal, annual_rate, months)
    if annual_rate == 0:
        return principal - payment * paid
    rate = annual_rate / _PERCENT_MONTHS
    growth = (1 + rate) ** paid
    return principal * growth - payment * (growth - 1) / rate


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hold a loan's course: entry ``k`` of balances and cumulative interest is after ``k`` payments."""

    instalment: Decimal
    balances: tuple[Decimal, ...]
    interest: tuple[Decimal, ...]


def schedule(principal: Decimal, annual_rate: Decimal, months: int, upto: int) -> Schedule:
    """Follow the loan month by month through its first ``upto`` of ``months`` payments, unrounded."""
    payment = instalment(principal, annual_rate, months)
    rate = annual_rate / _PERCENT_MONTHS
    balance, total = principal, _ZERO
    balances, interest = [balance], [total]
    for _ in range(upto):
        due = balance * rate
        total += due
        balance += due - payment
        balances.append(balance)
        interest.append(total)
    return Schedule(payment, tuple(balances), tuple(interest))
