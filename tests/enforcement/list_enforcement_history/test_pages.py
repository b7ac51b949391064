"""The audit shows every change of a tenant's cases, newest first, page by page."""

from __future__ import annotations

from typing import Any

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase


async def test_changes_come_newest_first_and_once(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    cases = [await open_case() for _ in range(3)]
    for case_id in cases:
        await service.call(
            "set_enforcement_stage",
            {"payload": {"case_id": case_id, "stage": "asset_search", "actor": "clerk", "note": "Go on."}},
        )
    items: list[dict[str, Any]] = []
    cursor = None
    while not items or cursor:
        page = await service.call("list_enforcement_history", {"cursor": cursor, "page_size": 2})
        items += page["items"]
        cursor = page["next_cursor"]
    assert [(item["case_id"], item["change"]) for item in items] == [
        (case_id, change) for change in ("stage_changed", "opened") for case_id in reversed(cases)
    ]
    references = dict(await owner.fetch("select id::text, reference from enforcement_cases"))
    assert all(item["reference"] == references[item["case_id"]] for item in items)
    assert (items[0]["actor"], items[0]["actor_type"], items[0]["note"]) == ("clerk", "rpc", "Go on.")
    assert items[0]["delta"]["current_stage"] == {"from": "pre_enforcement", "to": "asset_search"}
