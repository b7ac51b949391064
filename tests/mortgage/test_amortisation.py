"""The annuity formulas: against numpy-financial to the cent, by hand, and at their edges."""

from __future__ import annotations

import random
from decimal import Decimal, localcontext
from functools import cache

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebase.modules.mortgage.amortisation import (
    ARITHMETIC,
    balance_after,
    cents,
    instalment,
    schedule,
)

D = Decimal
Loan = tuple[Decimal, Decimal, int, int]  # principal, annual rate, months, paid

principals = st.decimals(min_value=1, max_value=100_000_000, places=2)
rates = st.decimals(min_value=0, max_value=25, places=4)
tenures = st.integers(min_value=1, max_value=420)


@cache
def generated_loans(count: int = 4000) -> tuple[Loan, ...]:
    dice = random.Random(20261121)
    loans = []
    for _ in range(count):
        months = dice.randint(1, 420)
        principal = D(dice.randint(1_000_00, 10_000_000_00)) / 100
        rate = D(dice.randint(1, 12_0000)) / 10_000
        loans.append((principal, rate, months, dice.randint(0, months)))
    return tuple(loans)


@pytest.fixture(autouse=True)
def arithmetic():
    with localcontext(ARITHMETIC):
        yield


class TestAgainstNumpyFinancial:
    def test_instalments_agree_to_the_cent(self):
        for principal, rate, months, _ in generated_loans():
            assert cents(instalment(principal, rate, months)) == cents(
                npf.pmt(rate / 1200, months, -principal)
            )

    def test_balances_agree_to_the_cent(self):
        for principal, rate, months, paid in generated_loans():
            payment = npf.pmt(rate / 1200, months, -principal)
            expected = npf.fv(rate / 1200, paid, payment, -principal)
            assert cents(balance_after(principal, rate, months, paid)) == cents(expected)

    def test_total_interest_agrees_to_the_cent(self):
        for principal, rate, months, paid in generated_loans():
            payment = npf.pmt(rate / 1200, months, -principal)
            owed = npf.fv(rate / 1200, paid, payment, -principal)
            expected = payment * paid - (principal - owed)
            assert cents(schedule(principal, rate, months, paid).interest[paid]) == cents(expected)

    def test_interest_of_each_month_agrees_to_the_cent(self):
        for principal, rate, months, _ in generated_loans()[:60]:
            course = schedule(principal, rate, months, months)
            for month in range(1, months + 1):
                due = course.interest[month] - course.interest[month - 1]
                assert cents(due) == cents(npf.ipmt(rate / 1200, month, months, -principal).item())


class TestByHand:
    def test_a_year_at_one_percent_a_month(self):
        # 12,000 x 0.01 / (1 - 1.01^-12) = 1,066.19; the first month has 120.00 of interest, repays 946.19.
        course = schedule(D(12000), D(12), 12, 2)
        assert cents(course.instalment) == D("1066.19")
        assert cents(course.interest[1]) == D("120.00")
        assert cents(course.balances[1]) == D("11053.81")
        assert cents(course.interest[2]) == D("230.54")

    def test_half_a_cent_rounds_up(self):
        assert cents(D("2.005")) == D("2.01")
        assert cents(D("2.0049999")) == D("2.00")


class TestEdges:
    def test_without_interest_the_principal_is_split_evenly(self):
        assert instalment(D(1200), D(0), 12) == 100
        assert balance_after(D(1200), D(0), 12, 5) == 700
        assert schedule(D(1200), D(0), 12, 12).interest[-1] == 0
        assert schedule(D(1200), D(0), 12, 12).balances[-1] == 0

    def test_a_loan_of_one_month_is_repaid_with_one_month_of_interest(self):
        assert cents(instalment(D(12000), D(12), 1)) == D("12120.00")

    def test_a_tiny_rate_is_next_to_none(self):
        assert cents(instalment(D(420000), D("0.0001"), 420)) == D("1000.02")

    @given(principals, rates, tenures)
    def test_every_loan_is_settled_at_its_end(self, principal, rate, months):
        assert cents(balance_after(principal, rate, months, months)) == 0
        assert cents(schedule(principal, rate, months, months).balances[-1]) == 0


class TestSchedule:
    @given(principals, rates, tenures, st.data())
    def test_agrees_with_the_closed_forms(self, principal, rate, months, data):
        paid = data.draw(st.integers(min_value=0, max_value=months))
        course = schedule(principal, rate, months, paid)
        assert cents(course.balances[paid]) == cents(balance_after(principal, rate, months, paid))
        repaid = principal - balance_after(principal, rate, months, paid)
        assert cents(course.interest[paid]) == cents(instalment(principal, rate, months) * paid - repaid)

    @given(principals, rates, tenures)
    def test_interest_grows_and_the_balance_falls(self, principal, rate, months):
        course = schedule(principal, rate, months, months)
        assert list(course.interest) == sorted(course.interest)
        assert list(course.balances) == sorted(course.balances, reverse=True)

    @given(principals, rates, rates, tenures)
    def test_a_higher_rate_never_costs_less(self, principal, one, other, months):
        low, high = sorted((one, other))
        assert instalment(principal, low, months) <= instalment(principal, high, months)
        cheap, dear = (schedule(principal, one, months, months).interest[-1] for one in (low, high))
        assert cheap <= dear
