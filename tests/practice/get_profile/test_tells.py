"""A person is told who they are here and what is left of their week."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from casebase.kernel.db import Database
from tests.practice.conftest import At, People
from tests.support.refusals import refusal_of


async def test_who_they_are(at: At, people: People, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update public.profiles set completed_scenario_count = 12, current_week_completion_count = 2 where id = $1",
        people.learner.sub,
    )
    await owner.execute("update auth.users set email = 'lena@example.org' where id = $1", people.learner.sub)
    profile = await (await at()).database.session(people.learner).call("get_profile")
    assert (profile["user_id"], profile["email"]) == (str(people.learner.sub), "lena@example.org")
    assert profile["completed_scenario_count"] == 12
    allowance = profile["allowance"]
    resets_at = datetime.fromisoformat(allowance.pop("resets_at"))
    assert resets_at == datetime.fromisoformat("2026-06-22T00:00:00+00:00")
    assert allowance == {"completed_this_week": 2, "limit": 3, "remaining": 1}


async def test_more_than_the_limit_leaves_nothing(at: At, people: People, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update public.profiles set completed_scenario_count = 9, current_week_completion_count = 5"
    )
    profile = await (await at()).database.session(people.learner).call("get_profile")
    assert profile["allowance"]["remaining"] == 0


async def test_a_token_outlives_its_account(api: Database, people: People, owner: asyncpg.Connection) -> None:
    await owner.execute("delete from auth.users where id = $1", people.learner.sub)
    refused = await refusal_of(owner, api.session(people.learner), "get_profile")
    assert (refused.status, refused.code) == (403, "user_required")
