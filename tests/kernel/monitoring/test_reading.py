"""Who may read how the installation does, and that it is told right, wherever the server stands and whatever it is doing."""

from __future__ import annotations

import json
from urllib.parse import quote

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.kernel.errors import CasebaseError
from tests.conftest import MakePerson

DEFAULT = "select casebase.default_tenant()"


async def test_without_a_tenant_default_nobody_may_read(
    db: Database, owner: asyncpg.Connection, make_person: MakePerson
) -> None:
    other = await owner.fetchval(
        "insert into public.tenants (slug, name) values ('other', 'Other') returning id"
    )
    person = await make_person(other, "owner")
    await owner.execute("update public.tenants set slug = 'renamed' where slug = 'default'")
    with pytest.raises(CasebaseError) as refused:
        await db.rpc(person, "get_monitoring")
    assert (refused.value.status, refused.value.code) == (403, "forbidden")


@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York"])
async def test_each_of_thirty_days_has_its_calls(
    kernel_database: str, owner: asyncpg.Connection, make_person: MakePerson, zone: str
) -> None:
    person = await make_person(await owner.fetchval(DEFAULT), "admin")
    await owner.execute(
        "insert into casebase.call_stats"
        " select 'day', date_trunc('day', now(), 'UTC') - n * interval '24 hours', 'function', 'f', 1, 0, 0, 1,"
        " array_fill(1, array[14]) from generate_series(0, 29) n"
    )
    url = f"{kernel_database}{'&' if '?' in kernel_database else '?'}timezone={quote(zone)}"
    async with await Database.connect(url) as db:
        assert await db.pool.fetchval("show timezone") == zone
        points = json.loads((await db.rpc(person, "get_monitoring", '{"period": "30d"}')).body or "")[
            "points"
        ]
    assert [point["calls"] for point in points] == [1] * 30
    assert all(point["starts_at"].endswith("T00:00:00+00:00") for point in points)


async def test_a_table_that_is_being_rewritten_does_not_close_the_page(
    db: Database, owner: asyncpg.Connection, make_person: MakePerson
) -> None:
    person = await make_person(await owner.fetchval(DEFAULT), "owner")
    await owner.execute("create index notes_body_idx on public.notes (body)")
    async with owner.transaction():
        await owner.execute("truncate public.notes")
        unused = json.loads((await db.rpc(person, "get_monitoring")).body or "")["unused_indexes"]
    assert all(index["bytes"] > 0 for index in unused)
    assert unused
