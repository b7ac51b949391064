"""The example tenant: believable, made through the RPCs, and only after a yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement import MODULE
from casebase.modules.enforcement.commands import app
from casebase.modules.enforcement.sample import tell


async def test_tells_stories_that_lie_in_the_past(
    api_url: str, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def at(offset: timedelta) -> AsyncIterator[Runtime]:
        settings = load_settings(home=tmp_path, clock_offset=offset)
        async with await Database.connect(api_url, clock_offset=offset) as database:
            yield Runtime(settings, (MODULE,), database, direct_url=api_url)

    ended: list[int] = []
    assert await tell(at, None, 25, seed=7, progress=ended.append) == 25
    assert ended == list(range(1, 26))
    counted = await owner.fetchrow(
        """
        select (select count(*) from judgments) as judgments,
               (select count(*) from enforcement_cases) as cases,
               (select count(distinct current_stage) from enforcement_cases) as stages,
               (select count(distinct opened_at::date) from enforcement_cases) as days,
               (select count(*) from enforcement_payments) as payments,
               (select count(*) from enforcement_documents) as documents,
               (select count(*) from plaintiff_call_attempts) as calls,
               (select count(*) from enforcement_events where occurred_at > now()) as future
        """
    )
    assert counted["judgments"] == 25
    assert 15 <= counted["cases"] < 25
    assert counted["stages"] >= 4
    assert counted["days"] >= 10
    assert min(counted["payments"], counted["documents"], counted["calls"]) >= 5
    assert counted["future"] == 0
    assert await owner.fetchval(
        "select bool_and(current_balance = opening_balance - coalesce("
        "(select sum(amount) from enforcement_payments p where p.enforcement_case_id = c.id), 0)) from enforcement_cases c"
    )


async def test_writes_nothing_without_a_store_for_its_documents(
    api_url: str, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    @asynccontextmanager
    async def at(offset: timedelta) -> AsyncIterator[Runtime]:
        settings = load_settings(home=tmp_path, clock_offset=offset, files_url="ftp://files.example.com")
        async with await Database.connect(api_url, clock_offset=offset) as database:
            yield Runtime(settings, (MODULE,), database, direct_url=api_url)

    with pytest.raises(ConfigurationError):
        await tell(at, None, 25, seed=7)
    assert await owner.fetchval("select count(*) from judgments") == 0


def test_writes_nothing_without_a_yes(database: str, tmp_path: Path) -> None:
    environment = {"CASEBASE_DATABASE_URL": database, "CASEBASE_HOME": str(tmp_path / "home")}
    result = CliRunner().invoke(app, ["sample", "--cases", "3"], env=environment, input="n\n")
    assert result.exit_code == 1
    assert "cannot be removed again" in result.stderr
    assert not (tmp_path / "home").exists()
