"""A case gets the actions of its tier's playbook, in order, as far as its stage has come, each once."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import OpenCase, People

OPEN = "open_next_enforcement_action"


async def opened(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("select action_type from enforcement_actions order by opened_at, action_type")
    return [row[0] for row in rows]


async def at(service: Session, open_case: OpenCase, tier: str, stage: str) -> str:
    case_id = await open_case(tier=tier)
    if stage != "pre_enforcement":
        await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": stage}})
    return case_id


@pytest.mark.parametrize(
    ("tier", "stage", "actions"),
    [
        ("tier0", "payment", []),
        ("tier1", "pre_enforcement", []),
        ("tier1", "asset_search", ["bank_levy"]),
        ("tier1", "marshal", ["bank_levy"]),
        ("tier2", "asset_search", ["bank_levy"]),
        ("tier2", "bank_levy", ["bank_levy", "garnishment", "subpoena"]),
        ("tier3", "pre_enforcement", ["subpoena"]),
        ("tier3", "bank_levy", ["subpoena", "bank_levy", "garnishment"]),
        ("tier3", "garnishment", ["subpoena", "bank_levy", "garnishment", "marshal"]),
    ],
)
async def test_as_far_as_the_stage_has_come(
    owner: asyncpg.Connection,
    service: Session,
    open_case: OpenCase,
    tier: str,
    stage: str,
    actions: list[str],
) -> None:
    case_id = await at(service, open_case, tier, stage)
    for expected in actions:
        assert await service.call(OPEN, {"case_id": case_id}) is not None
        assert (await opened(owner))[-1] == expected
    assert await service.call(OPEN, {"case_id": case_id}) is None
    assert await opened(owner) == actions


async def test_it_says_who_and_why(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    case_id = await at(service, open_case, "tier1", "asset_search")
    action_id = await service.call(OPEN, {"case_id": case_id})
    action = await owner.fetchrow("select * from enforcement_actions")
    assert action is not None
    assert (str(action["id"]), action["status"]) == (action_id, "queued")
    assert (action["status_reason"], action["created_by"]) == ("playbook of tier1", "playbook")
    history = await owner.fetchrow("select * from enforcement_history where change = 'action_opened'")
    assert history is not None
    assert (history["actor"], history["actor_type"]) == ("playbook", "automation")
    assert json.loads(history["delta"]) == {"bank_levy": {"from": None, "to": "queued"}}


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_what_people_ended_is_not_opened_again(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, status: str
) -> None:
    case_id = await at(service, open_case, "tier1", "asset_search")
    levy = {"case_id": case_id, "action_type": "bank_levy"}
    for each in ("queued", status):
        await service.call("queue_enforcement_action", {"payload": {**levy, "status": each}})
    assert await service.call(OPEN, {"case_id": case_id}) is None
    assert await opened(owner) == ["bank_levy"]


async def test_closed_and_paid_cases_get_none(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    closed = await at(service, open_case, "tier3", "marshal")
    await service.call("close_enforcement_case", {"payload": {"case_id": closed, "status": "withdrawn"}})
    paid = await at(service, open_case, "tier3", "marshal")
    payment = {"case_id": paid, "amount": 12500, "source": "wire"}
    await service.call("record_enforcement_payment", {"payload": payment})
    for case_id in (closed, paid):
        assert await service.call(OPEN, {"case_id": case_id}) is None
    assert await opened(owner) == []


async def test_the_playbook_is_rows(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    await owner.execute("insert into enforcement.playbook values ('tier0', 1, 'marshal', 'pre_enforcement')")
    assert await service.call(OPEN, {"case_id": await open_case(tier="tier0")}) is not None
    assert await opened(owner) == ["marshal"]


async def test_fifty_at_once_open_each_once(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await at(service, open_case, "tier3", "marshal")
    results = await asyncio.gather(*(service.call(OPEN, {"case_id": case_id}) for _ in range(50)))
    assert len([result for result in results if result is not None]) == 4
    # Two of one moment have no order.
    assert sorted(await opened(owner)) == ["bank_levy", "garnishment", "marshal", "subpoena"]


async def test_it_is_the_services_alone(
    api: Database, service: Session, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    with pytest.raises(RpcError) as refused:
        await api.session(people.admin).call(OPEN, {"case_id": case_id})
    assert refused.value.status == 403
    with pytest.raises(RpcError) as missing:
        await service.call(OPEN, {"case_id": uuid4()})
    assert (missing.value.status, missing.value.code) == (404, "case_not_found")
