"""The example season: believable, made through the RPCs, in the past, and only where nothing real could be sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from typer.testing import CliRunner

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications import MODULE
from casebase.modules.notifications.commands import app
from casebase.modules.notifications.sample import OLDEST_DAY, SampleRefusedError, tell
from tests.notifications.conftest import Evaluate, MakeMentor, People
from tests.notifications.dispatching import SECRET


async def season(
    database: str, api_url: str, home: Path, organization_id: UUID, count: int, **settings: Any
) -> list[int]:
    """Tell a season; return the days that were told of."""

    @asynccontextmanager
    async def at(offset: timedelta) -> AsyncIterator[Runtime]:
        moved = load_settings(home=home, clock_offset=offset, **settings)
        async with await Database.connect(api_url, clock_offset=offset, pool_size=4) as opened:
            yield Runtime(moved, (MODULE,), opened, direct_url=api_url)

    async def join(offset: timedelta, email: str) -> UUID:
        async with await Database.connect(database, clock_offset=offset, pool_size=1) as opened:
            user_id: UUID = await opened.pool.fetchval(
                "select casebase.create_user($1, '!', 'default', 'member')", email
            )
            return user_id

    days: list[int] = []
    told = await tell(at, join, organization_id, count, seed=11, progress=days.append)
    assert told > count / 2
    return days


async def test_tells_a_season_that_lies_in_the_past(
    database: str, api_url: str, owner: asyncpg.Connection, people: People, tmp_path: Path
) -> None:
    days = await season(database, api_url, tmp_path, people.default_tenant, 12)
    assert days == list(range(1, OLDEST_DAY + 2))
    found = await owner.fetchrow(
        """
        select (select count(distinct scenario_type) from scenario_notifications) as scenarios,
               (select count(*) from scenario_notifications where delivery_status = 'sent') as sent,
               (select count(*) from scenario_notifications where delivery_status = 'pending') as waiting,
               (select count(*) from scenario_notifications where read_at is not null) as read,
               (select count(distinct triggered_at::date) from scenario_notifications) as days,
               (select count(*) from scenario_notifications where triggered_at > now()) as future,
               (select count(*) from scenario_evaluation_runs where finished_at is null) as unfinished
        """
    )
    assert found["scenarios"] >= 3
    assert found["sent"] > 12
    assert found["days"] > 8
    assert found["read"] > 0
    assert (found["waiting"], found["future"], found["unfinished"]) == (0, 0, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"push_urls": "json://localhost/{token}"},
        {"push_webhook_url": "http://127.0.0.1:9/push", "push_webhook_secret": SECRET},
    ],
)
async def test_is_refused_where_a_sender_is_configured(
    database: str, api_url: str, people: People, tmp_path: Path, settings: dict[str, str]
) -> None:
    with pytest.raises(SampleRefusedError, match="sender"):
        await season(database, api_url, tmp_path, people.default_tenant, 1, **settings)


async def test_is_refused_where_others_wait(
    database: str, api_url: str, people: People, tmp_path: Path, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(12)
    await evaluate()
    with pytest.raises(SampleRefusedError, match="wait"):
        await season(database, api_url, tmp_path, people.default_tenant, 1)


def test_writes_nothing_without_a_yes(database: str, tmp_path: Path) -> None:
    environment = {"CASEBASE_DATABASE_URL": database, "CASEBASE_HOME": str(tmp_path / "home")}
    result = CliRunner().invoke(app, ["sample", "--mentors", "3"], env=environment, input="n\n")
    assert result.exit_code == 1
    assert "cannot be removed again" in result.stderr
    assert not (tmp_path / "home").exists()
