"""What somebody completed, the newest first, in pages that leave nothing out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.practice.conftest import TODAY, MakeSession, People
from tests.support.refusals import refusal_of, wrong_fields


@pytest.fixture
async def completed(people: People, make_session: MakeSession, owner: asyncpg.Connection) -> list[str]:
    """Ids of seven completed sessions, the newest first; of the last three days two are of one moment each."""
    ids = []
    for n in range(7):
        started = TODAY - timedelta(days=n // 2)
        session_id = await make_session(
            people.learner, main=4, started_at=started, last_activity_at=started, scenario_id=n % 3 + 1
        )
        await owner.execute(
            "update public.sessions set is_completed = true, completed_at = $2 where id = $1",
            session_id,
            started + timedelta(minutes=9),
        )
        ids.append(str(session_id))
    await make_session(people.other_learner, main=4, is_completed=True)
    await make_session(people.learner, main=4)
    return ids


async def _pages(session: Session, limit: int) -> list[list[dict[str, Any]]]:
    pages = []
    before = None
    while True:
        page = await session.call("list_session_history", {"before": before, "limit": limit})
        pages.append(page["items"])
        before = page["next_before"]
        if before is None:
            return pages


async def test_all_of_it(api: Database, people: People, completed: list[str]) -> None:
    page = await api.session(people.learner).call("list_session_history")
    assert {each["session_id"] for each in page["items"]} == set(completed)
    assert page["next_before"] is None
    moments = [each["completed_at"] for each in page["items"]]
    assert moments == sorted(moments, reverse=True)
    newest = page["items"][-1]
    assert newest["duration_seconds"] == 540
    assert newest["scenario"] == {"scenario_id": 1, "title": "Marketplace", "emoji": "🛒"}


async def test_pages_hold_the_last_moment_whole(api: Database, people: People, completed: list[str]) -> None:
    pages = await _pages(api.session(people.learner), 3)
    assert [len(page) for page in pages] == [4, 3]
    assert {each["session_id"] for page in pages for each in page} == set(completed)
    assert [len(page) for page in await _pages(api.session(people.learner), 1)] == [2, 2, 2, 1]


async def test_nobody_sees_anothers(api: Database, people: People, completed: list[str]) -> None:
    page = await api.session(people.other_learner).call("list_session_history")
    assert len(page["items"]) == 1
    assert page["items"][0]["session_id"] not in completed
    nothing = {"items": [], "next_before": None}
    assert await api.session(people.admin).call("list_session_history") == nothing


@pytest.mark.parametrize("limit", [0, 201, -1, None])
async def test_a_limit_is_between_1_and_200(
    api: Database, people: People, owner: asyncpg.Connection, limit: int | None
) -> None:
    refused = await refusal_of(owner, api.session(people.learner), "list_session_history", limit=limit)
    assert wrong_fields(refused) == ["limit"]
