"""A case's timeline has its events, history, tasks and actions, newest first, page by page."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import OpenCase, People
from tests.support.refusals import wrong_fields


@pytest.fixture
async def told(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> str:
    """A case with something of every kind; another case has some too."""
    case_id = await open_case()
    for each in (case_id, await open_case()):
        await service.call("set_enforcement_stage", {"payload": {"case_id": each, "stage": "asset_search"}})
        await service.call(
            "queue_enforcement_action",
            {"payload": {"case_id": each, "action_type": "bank_levy", "status": "prepared"}},
        )
        await service.call(
            "log_enforcement_event",
            {"payload": {"case_id": each, "event_kind": "note", "payload": {"text": "Called the clerk."}}},
        )
        await owner.execute(
            "insert into plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, created_by) "
            "select tenant_id, plaintiff_id, id, 'review', 'Review the file', 'test' from enforcement_cases where id = $1",
            each,
        )
    return case_id


async def read(session: Session, case_id: str, **arguments: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await session.call(
            "list_enforcement_timeline", {"case_id": case_id, **arguments, "cursor": cursor}
        )
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


async def test_everything_of_the_case_is_there_once(service: Session, told: str) -> None:
    items = await read(service, told)
    kinds = {(item["entry"], item["kind"]) for item in items}
    assert {
        ("history", "opened"), ("history", "stage_changed"), ("event", "case_stage_changed"), ("event", "note"),
        ("action", "bank_levy"), ("task", "review"),
    } <= kinds  # fmt: skip
    assert len({item["entry_id"] for item in items}) == len(items)
    assert [item["occurred_at"] for item in items] == sorted(
        (item["occurred_at"] for item in items), reverse=True
    )
    assert items[-1]["kind"] == "opened"


async def test_pages_of_any_size_are_the_same(service: Session, told: str) -> None:
    whole = await read(service, told)
    for page_size in range(1, 4):
        assert await read(service, told, page_size=page_size) == whole


@pytest.mark.parametrize("kinds", [["event"], ["task", "action"], ["history"], []])
async def test_kinds_filter(service: Session, told: str, kinds: list[str]) -> None:
    items = await read(service, told, kinds=kinds)
    assert {item["entry"] for item in items} == set(kinds or ["event", "history", "task", "action"])


async def test_members_read_it_too(api: Database, service: Session, people: People, told: str) -> None:
    assert await read(api.session(people.member), told) == await read(service, told)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"kinds": ["secret"]}, "kinds[0]"),
        ({"page_size": 0}, "page_size"),
        ({"cursor": b"1|event|1|x".hex()}, "cursor"),
    ],
    ids=str,
)
async def test_what_is_no_filter_is_refused(
    service: Session, told: str, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(RpcError) as refused:
        await service.call("list_enforcement_timeline", {"case_id": told, **arguments})
    assert wrong_fields(refused.value) == [field]
