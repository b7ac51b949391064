"""A tenant that decided nothing has the defaults: the law's, and nobody comes without a token."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import Database
from tests.enforcement.calls import refused_call
from tests.enforcement.conftest import People


async def test_the_defaults_are_the_tables(owner: asyncpg.Connection, api: Database, people: People) -> None:
    session = api.session(people.admin)
    defaults = await session.call("get_enforcement_settings")
    assert defaults == {
        "tenant_id": str(people.default_tenant),
        "allow_anonymous_rpc": False,
        "anonymous_calls_per_minute": 30,
        "is_call_rule_enabled": True,
        "calls_per_window": 7,
        "call_window_days": 7,
        "quiet_days_after_conversation": 7,
        "planned_calls_limit": 500,
        "time_zone": "America/New_York",
    }
    await owner.execute("insert into enforcement.settings (tenant_id) values ($1)", people.default_tenant)
    assert await session.call("get_enforcement_settings") == defaults


@pytest.mark.parametrize("who", ["operator", "member", "other_operator", "stranger"])
async def test_are_not_for_others(owner: asyncpg.Connection, api: Database, people: People, who: str) -> None:
    session = api.session(getattr(people, who))
    error = await refused_call(owner, session, "get_enforcement_settings", {})
    assert (error.status, error.code) == (403, "forbidden")
