"""An earlier stage is taken only by whoever says that they mean it."""

from __future__ import annotations

import json

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase
from tests.support.refusals import refusal


@pytest.mark.parametrize("override", [{}, {"override": False}, {"override": None}])
async def test_not_without_override(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, override: dict[str, bool | None]
) -> None:
    case_id = await open_case()
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "garnishment"}})
    error = await refusal(
        owner, service, "set_enforcement_stage", {"case_id": case_id, "stage": "bank_levy", **override}
    )
    assert (error.status, error.code, error.detail) == (409, "stage_goes_back", {"field": "stage"})


async def test_with_override_the_event_says_so(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for stage in ("garnishment", "asset_search"):
        payload = {"case_id": case_id, "stage": stage, "override": True}
        await service.call("set_enforcement_stage", {"payload": payload})
    payloads = await owner.fetch("select payload from enforcement_events order by position")
    assert [json.loads(row["payload"]) for row in payloads] == [
        {"from": "pre_enforcement", "to": "garnishment", "override": False},
        {"from": "garnishment", "to": "asset_search", "override": True},
    ]
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert (case["next_action_at"] - case["stage_entered_at"]).days == 14
