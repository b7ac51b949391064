"""``casebase.is_time_zone`` takes names of places and UTC, and nothing else that the server would understand."""

from __future__ import annotations

from zoneinfo import available_timezones

import asyncpg
import pytest


async def is_time_zone(owner: asyncpg.Connection, name: str | None) -> bool:
    found: bool = await owner.fetchval("select casebase.is_time_zone($1)", name)
    return found


@pytest.mark.parametrize(
    "name",
    ["UTC", "Europe/Oslo", "America/New_York", "America/Argentina/Buenos_Aires", "Africa/Porto-Novo",
     "America/Port-au-Prince", "Asia/Kolkata"],
)  # fmt: skip
async def test_places_are(owner: asyncpg.Connection, name: str) -> None:
    assert await is_time_zone(owner, name) is True


async def test_every_place_that_python_knows_is(owner: asyncpg.Connection) -> None:
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    places = [name for name in available_timezones() if name.startswith(areas)]
    refused = await owner.fetch(
        "select n from unnest($1::text[]) n where not casebase.is_time_zone(n)", places
    )
    assert [row["n"] for row in refused] == []


@pytest.mark.parametrize(
    "name",
    ["", " ", "utc", "Z", "CET", "PST8PDT", "+01", "-3", "UTC+3", "<+01>-1", "FOO+1", "Europe/Nowhere", "europe/oslo",
     "EUROPE/OSLO", "Asia/TOKYO", "America/New_york",
     " Europe/Oslo", "Europe/Oslo ", "Europe/Oslo\n", "Europe//Oslo", "/Oslo", "../etc/passwd",
     "Europe/../Europe/Oslo", "Europe/Osløo", "'; select 1", "x" * 5000, "Europe/" + "A" * 5000],
)  # fmt: skip
async def test_anything_else_is_not(owner: asyncpg.Connection, name: str) -> None:
    assert await is_time_zone(owner, name) is False


async def test_asking_leaves_the_sessions_time_zone(owner: asyncpg.Connection) -> None:
    await owner.execute("set time zone 'America/New_York'")
    async with owner.transaction():
        for name in ("Europe/Oslo", "EUROPE/OSLO", "Europe/Nowhere"):
            await is_time_zone(owner, name)
        assert await owner.fetchval("show time zone") == "America/New_York"
    await owner.execute("reset time zone")


async def test_no_name_is_not(owner: asyncpg.Connection) -> None:
    assert await is_time_zone(owner, None) is False
