"""Overrides are listed with their end, the soonest first, beside the tier that the score would give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase


async def test_open_overrides_come_by_their_end(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    later, sooner, closed, _plain = [await open_case(collectability_score=60) for _ in range(4)]
    for case_id, days in ((later, 9), (sooner, 2), (closed, 1)):
        await service.call(
            "override_enforcement_tier",
            {
                "payload": {
                    "case_id": case_id,
                    "tier": "tier3",
                    "note": "A house was sold.",
                    "expires_at": (datetime.now(UTC) + timedelta(days=days)).isoformat(),
                }
            },
        )
    await service.call(
        "close_enforcement_case", {"payload": {"case_id": closed, "status": "withdrawn", "note": "Asked to."}}
    )
    items = (await service.call("list_tier_overrides"))["items"]
    assert [item["case_id"] for item in items] == [sooner, later]
    assert {(i["tier_override"], i["score_tier"], i["override_note"], i["is_expired"]) for i in items} == {
        ("tier3", "tier2", "A house was sold.", False)
    }
    await owner.execute(
        "update enforcement_cases set override_expires_at = now() - interval '1 second' where id = $1", sooner
    )
    items = (await service.call("list_tier_overrides"))["items"]
    assert [(item["case_id"], item["is_expired"]) for item in items] == [(sooner, True), (later, False)]
