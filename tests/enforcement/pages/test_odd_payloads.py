"""Whatever a caller puts under a name that pages render specially, the pages are shown."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from casebase.kernel.db import Session
from casebase.modules.enforcement import timeline_view
from tests.enforcement.pages.reading import read

ODD = (5, -1.5, 1e30, True, None, "x", "", [], [1, {"a": []}], {}, {"tier": 5}, {"from": [], "to": 5})
NAMES = (
    *timeline_view._READ,
    *timeline_view._FIGURES,
    "metadata",
    "note",
    "title",
    "text",
    "action_type",
    "name",
    "override",
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
async def test_are_shown(operator: httpx.AsyncClient, service: Session, open_case: Any, odd: Any) -> None:
    case_id = await open_case()
    payload = dict.fromkeys(NAMES, odd)
    event = {"case_id": case_id, "event_kind": "note", "payload": payload}
    await service.call("log_enforcement_event", {"payload": event})
    moved = {"case_id": case_id, "stage": "asset_search", "metadata": payload}
    await service.call("set_enforcement_stage", {"payload": moved})
    for status, metadata in (("filed", payload), ("served", dict.fromkeys(NAMES, "tier2"))):
        action = {"case_id": case_id, "action_type": "bank_levy", "status": status, "metadata": metadata}
        await service.call("queue_enforcement_action", {"payload": action})
    for path in (f"/cases/{case_id}", f"/cases/{case_id}?timeline=changes", "/audit"):
        assert await read(operator, path)


def test_what_is_no_text_is_told_as_it_is() -> None:
    assert timeline_view.read("tier", 5) == "5"
    assert timeline_view.read("tier", "tier2") == "Tier 2"
    assert timeline_view.read("due_at", 5) == "5"
    assert timeline_view.read("due_at", "soon") == "soon"
    assert timeline_view.read("amount", 5) == "$5"
    assert timeline_view.read("amount", True) == "Yes"
    assert timeline_view.read("amount", "much") == "Much"
