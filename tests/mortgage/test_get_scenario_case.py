"""``get_scenario_case``: one case, masked, for those who may see it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError


async def get(session: Session, opened: dict[str, Any]) -> dict[str, Any]:
    found = await session.call("get_scenario_case", {"case_id": opened["case_id"]})
    assert isinstance(found, dict)
    return found


async def test_shows_inputs_calculations_and_timeline_newest_first(
    service: Session, open_case: Any, advise_case: Any
) -> None:
    opened = await open_case()
    await advise_case(opened)
    case = await get(service, opened)
    assert [version["version"] for version in case["inputs"]] == [1]
    assert [calculation["calc_version"] for calculation in case["calculations"]] == [1]
    assert [event["event_type"] for event in case["events"]] == ["calculation", "lead_form"]
    assert case["recommendation"] == case["calculations"][0]["recommendation"]
    assert case["outcome"] is None


async def test_shows_masks_and_no_ids_of_rows(service: Session, open_case: Any) -> None:
    case = await get(service, await open_case())
    assert case["initials"] == "TWLR"
    assert case["inputs"][0]["current_bank_mask"] == "Bank E"
    assert not {"lead_id", "tenant_id"} & case.keys()
    assert not {"id", "tenant_id", "case_id", "current_rate"} & case["inputs"][0].keys()


@pytest.mark.parametrize("who", ["admin", "broker"])
async def test_staff_may_see_it(api: Database, people: Any, open_case: Any, who: str) -> None:
    opened = await open_case()
    case = await get(api.session(getattr(people, who)), opened)
    assert case["case_id"] == opened["case_id"]
    assert len(case["events"]) == 1


@pytest.mark.parametrize("who", ["member", "stranger", "other_admin"])
async def test_to_anyone_else_there_is_no_such_case(
    api: Database, people: Any, open_case: Any, who: str
) -> None:
    opened = await open_case()
    with pytest.raises(RpcError) as refused:
        await get(api.session(getattr(people, who)), opened)
    assert (refused.value.status, refused.value.code) == (404, "case_not_found")


async def test_a_removed_member_is_out_at_once(
    api: Database, owner: Any, people: Any, open_case: Any
) -> None:
    opened = await open_case()
    await get(api.session(people.broker), opened)
    await owner.execute("delete from tenant_users where user_id = $1", people.broker.sub)
    with pytest.raises(RpcError):
        await get(api.session(people.broker), opened)


async def test_refuses_an_unknown_id(service: Session) -> None:
    with pytest.raises(RpcError) as refused:
        await get(service, {"case_id": uuid4()})
    assert (refused.value.status, refused.value.code) == (404, "case_not_found")


async def test_refuses_a_caller_without_a_token(api: Database, open_case: Any) -> None:
    opened = await open_case()
    with pytest.raises(RpcError) as refused:
        await get(api.session(ANON), opened)
    assert refused.value.status == 403
