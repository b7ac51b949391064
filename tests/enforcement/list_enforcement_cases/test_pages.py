"""The latest opened case comes first, and each page goes on where the last one ended."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase


async def pages(service: Session, **arguments: Any) -> list[dict[str, Any]]:
    """Read a list to its end."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await service.call("list_enforcement_cases", {**arguments, "cursor": cursor})
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


@pytest.fixture
async def ordered(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> list[str]:
    """Seven cases from the latest opened to the first, five of them at one instant, every other one closed."""
    for number in range(7):
        case_id = await open_case()
        if number % 2:
            await service.call(
                "close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}}
            )
    await owner.execute(
        "update enforcement_cases c set opened_at = now() - interval '1 day' * greatest(n.position, 5) "
        "from (select id, row_number() over (order by id) as position from enforcement_cases) n where n.id = c.id"
    )
    rows = await owner.fetch("select id::text from enforcement_cases order by opened_at desc, id")
    return [row["id"] for row in rows]


@pytest.mark.parametrize("page_size", range(1, 5))
@pytest.mark.parametrize("search", [None, "harbor"])
async def test_pages_follow_each_other(
    service: Session, ordered: list[str], page_size: int, search: str | None
) -> None:
    items = await pages(service, page_size=page_size, search=search)
    assert [item["case_id"] for item in items] == ordered


async def test_pages_of_the_closed_ones_follow_each_other(
    owner: asyncpg.Connection, service: Session, ordered: list[str]
) -> None:
    closed = {
        str(row["id"])
        for row in await owner.fetch("select id from enforcement_cases where closed_at is not null")
    }
    for page_size in (1, 2, 3):
        items = await pages(service, page_size=page_size, status="closed")
        assert [item["case_id"] for item in items] == [one for one in ordered if one in closed]
