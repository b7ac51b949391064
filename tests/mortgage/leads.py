"""Leads as a form posts them, and what a database holds."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import asyncpg

from tests.support.rows import all_rows

CONTACT = {"name": "Tan Wei Ling Rachel", "email": "rachel.tan@example.com", "phone": "+65 9123 4567"}
BANK = "Standard Chartered"
RATE = 3.6725

_LEAD: Mapping[str, Any] = {
    "contact": CONTACT,
    "consent": {"purposes": ["advice"], "days": 5},
    "inputs": {
        "loan_amount": 750000.5,
        "tenure_months": 300,
        "property_type": "private_condo",
        "current_bank": BANK,
        "current_rate": RATE,
        "lock_in_remaining": 4,
        "owner_occupied": True,
        "income_profile": {"monthly_income_fixed": 12000, "other_monthly_debt": 450.75},
    },
    "source": "website",
}
ABSENT = object()


def lead(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A valid lead; ``changes`` sets fields by dotted path, or removes those set to ``ABSENT``."""
    payload = copy.deepcopy(dict(_LEAD))
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        target = payload
        for parent in parents:
            target = target[parent]
        if value is ABSENT:
            del target[last]
        else:
            target[last] = value
    return payload


async def count_rows(connection: asyncpg.Connection) -> dict[str, int]:
    """The number of rows of every table of the database."""
    return {table: len(rows) for table, rows in (await all_rows(connection)).items()}
