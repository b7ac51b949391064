"""A month that had its time is dropped when all of it is in files, whatever dies on the way; its counts stay."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.kernel.errors import RpcError
from casebase.kernel.migrate import migrate_down, restore
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk import MODULE
from casebase.modules.frontdesk.metrics_archive import FOLDER, export_month, read_part
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, People
from tests.frontdesk.detach_expired_metrics.retention import count, keep
from tests.kernel.migrate.catalog import catalog_of
from tests.support.requires import ROOT
from tests.support.rows import all_rows

OLD = datetime(2026, 4, 30, 23, 59, 59, 999_999, UTC)
"""The last moment of the month that one month of retention does not keep in June."""
BOUNDS = [OLD, datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 3, 31, 12, tzinfo=UTC), TODAY]


@pytest.fixture
async def runtime(at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """A process in June with files of its own, that keeps metrics for a month."""
    monkeypatch.setenv("CASEBASE_FRONTDESK_METRICS_RETENTION_MONTHS", "1")
    return await at(TODAY, home=tmp_path)


@pytest.fixture
async def written(owner: asyncpg.Connection, runtime: Runtime, people: People) -> list[str]:
    """The ids of April's metrics, of two tenants: three parts of a table whose rows lie far apart."""
    for month in ("2026-03", "2026-04", "2026-05"):
        await owner.execute("select frontdesk.make_metric_month($1::text::date)", f"{month}-01")
    await owner.execute("alter table public.analytics_metrics_2026_04 set (fillfactor = 10)")
    await owner.execute(
        """
        insert into public.analytics_metrics (name, value, tenant_id, tags, created_at)
        select 'm' || n % 3, n / 7.0, (array[$1::uuid, $2])[n % 2 + 1], jsonb_build_object('n', n, 'word', 'åß"' || n),
               '2026-04-01Z'::timestamptz + n * interval '3 minutes'
        from generate_series(1, 12000) n
        """,
        people.default_tenant,
        people.other_tenant,
    )
    for moment in BOUNDS:
        await owner.execute(
            "insert into public.analytics_metrics (name, value, tenant_id, created_at) values ('edge', 1, $1, $2)",
            people.default_tenant,
            moment,
        )
    rows = await owner.fetch(
        "select id::text from public.analytics_metrics where created_at >= '2026-04-01Z' and created_at < '2026-05-01Z'"
    )
    return sorted(row["id"] for row in rows)


async def exported(runtime: Runtime) -> dict[str, list[dict[str, Any]]]:
    """The rows of each month's files, all of them dropped."""
    archives = (await runtime.session().call("list_metric_archives"))["items"]
    found: dict[str, list[dict[str, Any]]] = {}
    for archive in archives:
        lines = "".join([await read_part(runtime.files, part) for part in archive["parts"]])
        rows = [json.loads(line) for line in lines.splitlines()]
        assert archive["dropped_at"] is not None
        assert archive["row_count"] == len(rows) == sum(part["row_count"] for part in archive["parts"])
        found.setdefault(archive["month"], []).extend(rows)
    return found


async def files(runtime: Runtime) -> set[str]:
    return {file.path async for file in runtime.files.list(FOLDER)}


async def test_takes_what_is_over_and_counted(
    owner: asyncpg.Connection, runtime: Runtime, written: list[str], people: People
) -> None:
    session = runtime.session()
    await keep(runtime)
    # Nothing goes that is not counted yet.
    assert (await session.call("list_metric_archives"))["items"] == []
    await count(runtime)
    query = {"name": "m1", "from": "2026-03-01T00:00:00Z", "until": "2026-06-01T00:00:00Z", "step": "day"}
    before = await session.call("query_metrics", {"payload": query})
    original = {
        row["id"]: json.loads(row["row"])
        for row in await owner.fetch(
            "select id::text, to_jsonb(a) - 'created_at' as row from public.analytics_metrics a"
        )
    }
    await keep(runtime)

    found = await exported(runtime)
    assert set(found) == {"2026-03", "2026-04"}
    assert sorted(row["id"] for row in found["2026-04"]) == written
    for row in found["2026-04"]:
        assert datetime.fromisoformat(row.pop("created_at")).month == 4
        assert row == original[row["id"]]
    left = await owner.fetch("select created_at from public.analytics_metrics order by 1")
    assert [row["created_at"] for row in left] == [BOUNDS[1], BOUNDS[3]]
    after = await session.call("query_metrics", {"payload": query})
    assert after["points"] == before["points"]
    assert after["raw_since"] == "2026-05-01T00:00:00+00:00"
    assert [item["state"] for item in (await session.call("list_metric_partitions"))["items"]] == [
        "attached"
    ] * len((await session.call("list_metric_partitions"))["items"])
    rows = await all_rows(owner)
    await keep(runtime)
    assert await all_rows(owner) == rows

    # What still comes for April is kept, exported as well, and changes no count of a whole that is gone.
    late = {"name": "m1", "value": 1, "at": "2026-04-15T00:00:00Z", "tenant_id": str(people.default_tenant)}
    await session.call("record_metric", {"payload": late})
    assert (await session.call("query_metrics", {"payload": query}))["points"] == before["points"]
    await keep(runtime)
    await count(runtime)
    await keep(runtime)
    found = await exported(runtime)
    assert len(found["2026-04"]) == len(written) + 1
    assert (await session.call("query_metrics", {"payload": query}))["points"] == before["points"]
    part = (await session.call("list_metric_archives"))["items"][0]["parts"][0]
    (runtime.settings.home / "files" / part["path"]).write_bytes(gzip.compress(b"{}\n"))
    with pytest.raises(ValueError, match="not what was exported"):
        await read_part(runtime.files, part)


async def test_is_off_without_months(
    owner: asyncpg.Connection, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, people: People
) -> None:
    monkeypatch.setenv("CASEBASE_FRONTDESK_METRICS_RETENTION_MONTHS", "0")
    old = {"name": "m", "value": 1, "at": "2001-01-01T00:00:00Z"}
    await runtime.session().call("record_metric", {"payload": old})
    await keep(runtime)
    await count(runtime)
    await keep(runtime)
    assert await owner.fetchval("select count(*) from public.analytics_metrics_2001_01") == 1
    assert await files(runtime) == set()


async def test_loses_nothing_to_kills(
    owner: asyncpg.Connection, api_url: str, runtime: Runtime, written: list[str]
) -> None:
    await count(runtime)
    deaths = 0
    for steps in range(1, 100):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.frontdesk.detach_expired_metrics.export_process",
            api_url, str(runtime.settings.home), TODAY.isoformat(), str(steps), cwd=ROOT,
        )  # fmt: skip
        if await process.wait() == 0:
            break
        assert process.returncode == -9
        deaths += 1
    assert deaths >= 5
    found = await exported(runtime)
    assert sorted(row["id"] for row in found["2026-04"]) == written
    assert len(found["2026-03"]) == 1
    assert await owner.fetchval("select to_regclass('frontdesk.expired_metrics_2026_04')") is None

    archives = (await runtime.session().call("list_metric_archives"))["items"]
    noted = {part["path"] for archive in archives for part in archive["parts"]}
    lost = await files(runtime) - noted
    assert lost  # of a part that was whole and not noted
    long_ago = time.time() - 7200
    for path in lost:
        os.utime(runtime.settings.home / "files" / path, (long_ago, long_ago))
    await keep(runtime)
    assert await files(runtime) == noted


async def test_is_done_once_by_several(
    owner: asyncpg.Connection, runtime: Runtime, written: list[str]
) -> None:
    await count(runtime)
    await asyncio.gather(*(keep(runtime) for _ in range(4)))
    found = await exported(runtime)
    assert sorted(row["id"] for row in found["2026-04"]) == written
    archives = (await runtime.session().call("list_metric_archives"))["items"]
    assert [archive["month"] for archive in archives] == ["2026-03", "2026-04"]
    assert await files(runtime) == {part["path"] for archive in archives for part in archive["parts"]}


async def test_begins_anew_when_rows_went_meanwhile(
    owner: asyncpg.Connection, runtime: Runtime, written: list[str], people: People
) -> None:
    await count(runtime)
    session = runtime.session()
    while await session.call("detach_expired_metrics", {"keep_months": 1}):
        pass
    [_, april] = (await session.call("list_metric_archives", {"only_open": True}))["items"]
    # A tenant's rows go with it wherever they wait.
    assert april["part_count"] >= 2
    stale = {**april, "part_count": 1}
    assert not await export_month(session, runtime.files, stale)
    [_, april] = (await session.call("list_metric_archives", {"only_open": True}))["items"]
    assert april["parts"] == []
    await owner.execute("delete from public.tenants where id = $1", people.other_tenant)
    await keep(runtime)
    found = await exported(runtime)
    assert {row["tenant_id"] for row in found["2026-04"]} == {str(people.default_tenant)}
    assert len(found["2026-04"]) == 6_001


async def test_comes_back_from_the_modules_dump(
    owner: asyncpg.Connection, database: str, runtime: Runtime, written: list[str], tmp_path: Path
) -> None:
    await count(runtime)
    session = runtime.session()
    while await session.call("detach_expired_metrics", {"keep_months": 1}):
        pass
    catalog = await catalog_of(database)
    rollups = "select array_agg(r::text order by r) from public.metric_rollups r"
    counted = await owner.fetchval(rollups)
    # Months that wait for their export are dumped as well.
    lost = await migrate_down(database, "frontdesk", (MODULE,), dump=tmp_path / "dump.zip")
    held = {table.full_name: table.row_count for table in lost}
    assert held["frontdesk.expired_metrics"] == len(written) + 1
    assert held["public.analytics_metrics"] == 2
    await restore(database, tmp_path / "dump.zip", (MODULE,))
    assert await catalog_of(database) == catalog
    await owner.reload_schema_state()
    await keep(runtime)
    assert (
        sorted(
            row["id"]
            for row in await owner.fetch(
                "select id::text from public.analytics_metrics where created_at >= '2026-04-01Z' and created_at < '2026-05-01Z'"
            )
        )
        == written
    )
    await count(runtime)
    await keep(runtime)
    found = await exported(runtime)
    assert sorted(row["id"] for row in found["2026-04"]) == written
    assert await owner.fetchval(rollups) == counted


async def test_is_the_services(api: Database, people: People) -> None:
    for function, arguments in (
        ("detach_expired_metrics", {"keep_months": 1}),
        ("drop_expired_metrics", {"archive_id": people.default_tenant}),
        ("list_metric_archives", {}),
    ):
        with pytest.raises(RpcError) as caught:
            await api.session(people.owner).call(function, arguments)
        assert caught.value.status == 403
