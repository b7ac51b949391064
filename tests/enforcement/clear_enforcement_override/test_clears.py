"""Without its override a case's tier follows from its score again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.support.rows import all_rows

UNTIL = (datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)).isoformat()


async def override(session: Session, case_id: str, tier: str) -> None:
    payload = {"case_id": case_id, "tier": tier, "expires_at": UNTIL, "note": "a house is for sale"}
    await session.call("override_enforcement_tier", {"payload": payload})


@pytest.mark.parametrize(
    ("scored", "tier", "reason"),
    [({"collectability_score": 60}, "tier2", "score"), ({}, "tier0", "no score")],
)
async def test_the_score_decides(
    owner: asyncpg.Connection,
    service: Session,
    open_case: OpenCase,
    scored: dict[str, Any],
    tier: str,
    reason: str,
) -> None:
    case_id = await open_case(**scored)
    await override(service, case_id, "tier3")
    answer = await service.call("clear_enforcement_override", {"payload": {"case_id": case_id}})
    assert answer == {"case_id": case_id, "tier": tier, "previous_tier": "tier3", "is_changed": True}
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert (case["tier"], case["tier_reason"]) == (tier, reason)
    assert (case["tier_override"], case["override_expires_at"], case["override_note"]) == (None, None, None)


async def test_the_history_tells_who(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case(collectability_score=60)
    session = api.session(people.operator)
    await override(session, case_id, "tier3")
    await session.call(
        "clear_enforcement_override", {"payload": {"case_id": case_id, "note": "the house is sold"}}
    )
    told = await owner.fetchrow("select * from enforcement_history where change = 'override_cleared'")
    assert told is not None
    assert (told["note"], told["actor"], told["actor_type"]) == (
        "the house is sold",
        f"user:{people.operator.sub}",
        "user",
    )
    assert json.loads(told["delta"]) == {
        "tier": {"from": "tier3", "to": "tier2"},
        "tier_override": {"from": "tier3", "to": None},
        "override_expires_at": {"from": UNTIL, "to": None},
    }


async def test_where_there_is_none_nothing_changes(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case(tier="tier3")
    before = await all_rows(owner)
    answer = await service.call("clear_enforcement_override", {"payload": {"case_id": case_id}})
    assert answer == {"case_id": case_id, "tier": "tier3", "previous_tier": "tier3", "is_changed": False}
    assert await all_rows(owner) == before
