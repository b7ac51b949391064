"""Opening, moving, paying and closing a case reads that case alone, among many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.enforcement.reads import assert_few, rows_read

# One worker runs them all, so that the cases are made once.
pytestmark = pytest.mark.xdist_group("many_enforcement_cases")


async def a_case(many: asyncpg.Connection) -> asyncpg.Record:
    """An open case with a balance, actions, payments and tasks."""
    row = await many.fetchrow(
        """
        select c.id::text, c.judgment_id::text from enforcement_cases c
        join enforcement_actions a on a.enforcement_case_id = c.id and a.closed_at is null
        where c.closed_at is null and c.current_balance > 1
        order by exists (select from plaintiff_tasks t where t.enforcement_case_id = c.id) desc limit 1
        """
    )
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("function", "payload"),
    [
        (
            "set_enforcement_stage",
            {"stage": "payment", "override": True, "note": "the marshal is on the way"},
        ),
        ("record_enforcement_payment", {"amount": 0.5, "source": "wire", "reference": "W-1"}),
        (
            "override_enforcement_tier",
            {
                "tier": "tier3",
                "expires_at": (datetime.now(UTC) + timedelta(days=9)).isoformat(),
                "note": "a house is for sale",
            },
        ),
        ("clear_enforcement_override", {}),
        ("close_enforcement_case", {"status": "withdrawn", "note": "the client asked for it"}),
    ],
)
async def test_a_write_reads_its_case(
    many: asyncpg.Connection, function: str, payload: dict[str, Any]
) -> None:
    case = await a_case(many)
    _, counted = await rows_read(many, function, {"payload": {"case_id": case["id"], **payload}})
    assert_few(counted, at_most=40)


async def test_a_payment_finds_the_case_of_its_judgment(many: asyncpg.Connection) -> None:
    case = await a_case(many)
    payment = {"judgment_id": case["judgment_id"], "amount": 0.5, "source": "wire", "reference": "W-2"}
    _, counted = await rows_read(many, "record_enforcement_payment", {"payload": payment})
    assert_few(counted, at_most=40)


async def test_opening_reads_its_judgment(many: asyncpg.Connection) -> None:
    judgment_id = await many.fetchval(
        "select judgment_id::text from enforcement_cases group by judgment_id having bool_and(closed_at is not null) limit 1"
    )
    _, counted = await rows_read(many, "open_enforcement_case", {"payload": {"judgment_id": judgment_id}})
    assert_few(counted, at_most=40)
