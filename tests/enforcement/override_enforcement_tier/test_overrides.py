"""A tier set by hand holds until its end, with who set it and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.enforcement.judgments import DEBTOR

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


async def override(session: Session, case_id: str, tier: str, until: datetime = UNTIL) -> Any:
    payload = {
        "case_id": case_id,
        "tier": tier,
        "expires_at": until.isoformat(),
        "note": f"{DEBTOR} sells a house",
    }
    return await session.call("override_enforcement_tier", {"payload": payload})


async def test_the_tier_is_in_effect_at_once(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case(collectability_score=40)
    answer = await override(api.session(people.operator), case_id, "tier3")
    assert answer == {
        "case_id": case_id,
        "tier": "tier3",
        "previous_tier": "tier1",
        "override_expires_at": UNTIL.isoformat(),
    }
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert (case["tier"], case["tier_override"], case["tier_reason"]) == ("tier3", "tier3", "override")
    assert (case["override_expires_at"], case["override_note"]) == (UNTIL, "[subject] sells a house")
    assert case["tier_as_of"] > case["opened_at"]


async def test_the_history_tells_who_and_why(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case(collectability_score=40)
    await override(api.session(people.operator), case_id, "tier0")
    told = await owner.fetchrow("select * from enforcement_history where change = 'tier_overridden'")
    assert told is not None
    assert (told["note"], told["actor"]) == ("[subject] sells a house", f"user:{people.operator.sub}")
    assert json.loads(told["delta"]) == {
        "tier": {"from": "tier1", "to": "tier0"},
        "tier_override": {"from": None, "to": "tier0"},
        "override_expires_at": {"from": None, "to": UNTIL.isoformat()},
    }


async def test_a_second_replaces_the_first(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await override(service, case_id, "tier3")
    answer = await override(service, case_id, "tier2", UNTIL + timedelta(days=9))
    assert (answer["tier"], answer["previous_tier"]) == ("tier2", "tier3")
    delta = await owner.fetchval("select delta from enforcement_history order by position desc limit 1")
    assert json.loads(delta)["tier_override"] == {"from": "tier3", "to": "tier2"}


async def test_the_tier_by_score_may_be_held_too(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case(collectability_score=40)
    await override(service, case_id, "tier1")
    assert await owner.fetchval("select tier_override from enforcement_cases") == "tier1"
