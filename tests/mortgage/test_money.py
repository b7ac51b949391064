"""The money domains refuse what a check of ``> 0`` lets through."""

from __future__ import annotations

import asyncpg
import pytest


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "-0.01", "1e10", "0.001"])
async def test_money_is_finite_cents(owner: asyncpg.Connection, value: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.fetchval(f"select '{value}'::numeric::mortgage.money")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "-1e10", "1e10", "0.001"])
async def test_differences_are_finite_cents(owner: asyncpg.Connection, value: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.fetchval(f"select '{value}'::numeric::mortgage.money_difference")


@pytest.mark.parametrize("value", ["NaN", "-0.1", "25.1", "Infinity"])
async def test_rates_are_percent_a_year(owner: asyncpg.Connection, value: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.fetchval(f"select '{value}'::numeric::mortgage.annual_rate")
