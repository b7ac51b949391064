"""What can be practised is told to whoever is signed in."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Database
from tests.practice.conftest import People


async def test_the_three_scenarios(api: Database, people: People) -> None:
    scenarios = (await api.session(people.learner).call("list_scenarios"))["items"]
    assert [(each["scenario_id"], each["title"], each["emoji"]) for each in scenarios] == [
        (1, "Marketplace", "🛒"),
        (2, "Party", "🎉"),
        (3, "Kebab", "🥙"),
    ]
    assert all(each["initial_message_main"] and each["initial_message_helper"] for each in scenarios)


async def test_what_is_not_offered_is_not_told(
    api: Database, people: People, owner: asyncpg.Connection
) -> None:
    await owner.execute("update public.scenarios set is_active = false where id < 3")
    scenarios = (await api.session(people.learner).call("list_scenarios"))["items"]
    assert [each["scenario_id"] for each in scenarios] == [3]
    await owner.execute("update public.scenarios set is_active = false")
    assert await api.session(people.learner).call("list_scenarios") == {"items": []}
