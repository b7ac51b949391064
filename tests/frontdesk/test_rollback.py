"""Taken down, a front desk is in its dump; restored, it is as it was: each row, each month of metrics, each privilege."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.kernel.migrate import migrate_down, migrate_up, restore, tables_lost_by_down
from casebase.modules.frontdesk import MODULE
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.kernel.migrate.catalog import catalog_of
from tests.support.postgres import our_modules

# What the contract's catalog leaves out, as partitions come and go.
_MONTHS = """
    select c.relname, pg_get_expr(c.relpartbound, c.oid) as bounds, c.relrowsecurity, c.relacl::text,
           array(select (p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid))::text
                 from pg_policy p where p.polrelid = c.oid order by 1) as policies,
           array(select pg_get_constraintdef(o.oid) from pg_constraint o where o.conrelid = c.oid order by 1) as constraints,
           array(select pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = c.oid order by 1) as indexes,
           array(select (t.tgname, t.tgenabled)::text from pg_trigger t
                 where t.tgrelid = c.oid and not t.tgisinternal order by 1) as triggers
    from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = 'public.analytics_metrics'::regclass
"""


async def months_of(owner: asyncpg.Connection) -> dict[str, tuple[Any, ...]]:
    return {row["relname"]: tuple(row)[1:] for row in await owner.fetch(_MONTHS)}


async def rows_of(owner: asyncpg.Connection, tables: list[str]) -> dict[str, list[str]]:
    """Each table's rows, through whichever partition they come."""
    return {
        table: await owner.fetchval(f"select array(select to_jsonb(t)::text from {table} t order by 1)")
        for table in tables
    }


@pytest.fixture
async def filled(
    owner: asyncpg.Connection, service: Session, people: People, make_slot: MakeSlot, book: Book
) -> datetime:
    """A front desk with something in each of its tables; returns when the oldest metric was taken."""
    tenant = str(people.default_tenant)
    await service.call("set_frontdesk_settings", {"payload": {"tenant_id": tenant, "currency": "EUR"}})
    for slot_id in ("held", "taken", "given-back"):
        await make_slot(slot_id)
        await book(slot_id, is_confirmed=slot_id == "taken", user_name="Åsa\t\\N\n'Quill'")
    given_back = await owner.fetchval("select id from public.bookings where slot_id = 'given-back'")
    await service.call("cancel_booking", {"booking_id": given_back})
    products = [{"sku": "cut", "name": "Cut", "unit_price": "49.90"}]
    await service.call("set_products", {"payload": {"tenant_id": tenant, "products": products}})
    order = {"tenant_id": tenant, "checkout_id": "c1", "items": [{"sku": "cut", "quantity": 3}]}
    await service.call("create_order", {"payload": order})
    score = {"tenant_id": tenant, "session_id": "chat:1", "score": 71, "version": 1, "measures": {"turns": 3}}
    await service.call("score_conversation", {"payload": score})
    event = {"phi_type": "name", "masked_value": "[name]", "score": 0.9}
    await service.call(
        "record_phi_events",
        {"payload": {"tenant_id": tenant, "action_taken": "masked", "events": [event]}},
    )
    now = datetime.now(UTC)
    oldest = (now.replace(day=1) - timedelta(days=40)).replace(day=28)
    moments = [oldest, oldest + timedelta(days=30), now - timedelta(hours=2), now]
    metrics = [{"name": "load", "value": n / 7, "at": at.isoformat()} for n, at in enumerate(moments)]
    await service.call("record_metrics", {"payload": {"tenant_id": tenant, "metrics": metrics}})
    while (await service.call("maintain_metric_partitions"))["is_more"]:
        pass
    await service.call("roll_up_metrics")
    await service.call("roll_up_metrics")
    detached = await service.call("detach_expired_metrics", {"keep_months": 1})
    assert detached["month"] == f"{oldest:%Y-%m}"
    await service.call(
        "keep_metric_archive_part",
        {"payload": {
            "archive_id": detached["archive_id"], "part": 0, "path": "metrics/0", "sha256": "0" * 64, "row_count": 1,
            "id_sum": "17", "size_bytes": 80,
        }},
    )  # fmt: skip
    await owner.execute("select casebase.enqueue('frontdesk_maintenance', '{\"task\": \"keep_metrics\"}')")
    return oldest


async def test_is_dumped_and_comes_back(
    owner: asyncpg.Connection,
    service: Session,
    database: str,
    filled: datetime,
    book: Book,
    tmp_path: Path,
) -> None:
    schema = await catalog_of(database)
    months = await months_of(owner)
    lost = await tables_lost_by_down(database, MODULE.name, our_modules())
    tables = [table.full_name for table in lost]
    # Jobs are never archived.
    assert [table.full_name for table in lost if table.row_count == 0] == ["pgmq.a_frontdesk_maintenance"]
    assert "public.analytics_metrics" in tables
    rows = await rows_of(owner, tables)

    assert await migrate_down(database, MODULE.name, our_modules(), dump=tmp_path / "desk.zip") == lost
    left = await owner.fetchval(
        "select count(*) from pg_class where relname ~ '^(analytics|expired)_metrics'"
    )
    assert left == 0
    await restore(database, tmp_path / "desk.zip", our_modules())

    assert await catalog_of(database) == schema
    assert await rows_of(owner, tables) == rows
    # What is taken is still taken, what was given back is free.
    with pytest.raises(RpcError) as refused:
        await book("taken")
    assert refused.value.code == "slot_unavailable"
    await book("given-back")

    # Each metric is in its month at once; that of the month on its way out as soon as it is given back: its files begin anew.
    made = await months_of(owner)
    assert await owner.fetchval("select count(*) from public.analytics_metrics_default") == 0
    maintained = await service.call("maintain_metric_partitions")
    assert (maintained["made"], maintained["moved"]) == ([], 0)
    assert await months_of(owner) == made
    assert {name: made[name] for name in months} == months
    assert set(made) - set(months) == {f"analytics_metrics_{filled:%Y_%m}"}
    assert await owner.fetchval("select count(*) from public.analytics_metrics_default") == 0
    restored = await rows_of(owner, ["public.analytics_metrics", "public.metric_rollups"])
    metrics = sorted(rows["public.analytics_metrics"] + rows["frontdesk.expired_metrics"])
    assert sorted(restored["public.analytics_metrics"]) == metrics
    assert restored["public.metric_rollups"] == rows["public.metric_rollups"]


async def test_made_twice_it_is_the_same(owner: asyncpg.Connection, database: str, tmp_path: Path) -> None:
    schema, months = await catalog_of(database), await months_of(owner)
    await migrate_down(database, MODULE.name, our_modules(), dump=tmp_path / "desk.zip")
    await migrate_up(database, our_modules())
    assert await catalog_of(database) == schema
    assert await months_of(owner) == months


async def test_what_was_cached_of_it_is_never_asked_for_again(
    owner: asyncpg.Connection,
    service: Session,
    database: str,
    make_slot: MakeSlot,
    book: Book,
    tmp_path: Path,
) -> None:
    begins = datetime(2030, 6, 17, 9, tzinfo=UTC)

    async def version() -> int:
        asked = {"tenant_id": None, "on_date": begins.date().isoformat()}
        reply = await service.call("get_availability_version", asked)
        return int(reply["version"])

    seen = [await version()]
    await make_slot(starts_at=begins)
    seen.append(await version())
    old = tmp_path / "old.zip"
    await migrate_down(database, MODULE.name, our_modules(), dump=old)
    await migrate_up(database, our_modules())
    # Made anew, it has something else on that day.
    await make_slot(starts_at=begins, capacity=2)
    seen.append(await version())
    await owner.execute("update public.slots set capacity = 3")
    seen.append(await version())
    # As it was then, under the version of then; what becomes of it is no version that was.
    await restore(database, old, our_modules(), replace=True)
    assert await version() == seen[1]
    await book()
    seen.append(await version())
    assert seen == sorted(set(seen))
