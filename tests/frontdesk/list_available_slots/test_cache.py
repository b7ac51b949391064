"""What was kept of a day is never served after something of it was committed; who believes it books nothing twice."""

from __future__ import annotations

import asyncio
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from casebase.kernel import cache
from casebase.kernel.cache import Cache
from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Session
from casebase.modules.frontdesk.availability import Availability
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, Book, MakeSlot, People
from tests.support.redis_server import redis, start_redis, stop_redis
from tests.support.requires import requires
from tests.support.slow_proxy import slow_proxy
from tests.support.tokens import bearer
from tests.support.two_processes import CountingDatabase, Processes, database_calls, processes

__all__ = ["database_calls", "processes", "redis"]

NINE = datetime(2030, 6, 17, 9, tzinfo=UTC)
DAY = NINE.date().isoformat()


async def free(client: httpx.AsyncClient, day: str = DAY) -> dict[str, int]:
    response = await client.get("/v1/frontdesk/slots", params={"on_date": day})
    assert response.status_code == 200, response.text
    return {slot["slot_id"]: slot["free"] for slot in response.json()["slots"]}


async def test_it_asks_once_and_then_for_the_version_alone(
    processes: Processes, database_calls: CountingDatabase, people: People, make_slot: MakeSlot
) -> None:
    await make_slot(starts_at=NINE)
    one, other = await processes(SERVICE)
    first = await free(one)
    database_calls.called.clear()
    assert await free(one) == first == {"chair-1": 1}
    assert database_calls.called == ["get_availability_version"]
    database_calls.called.clear()
    assert await free(other) == first
    assert database_calls.called == ["get_availability_version", "list_available_slots"]
    # What is kept is for nobody who could not read it.
    asked = {"on_date": DAY, "tenant_id": str(people.default_tenant)}
    for who in (people.other_admin, people.customer):
        refused = await one.get("/v1/frontdesk/slots", params=asked, headers=bearer(who))
        assert (refused.status_code, refused.json()["code"]) == (404, "tenant_not_found")
    assert (await one.get("/v1/frontdesk/slots", params=asked, headers=bearer(people.member))).is_success


WRITES: dict[str, str] = {
    "booked": "insert into bookings (tenant_id, slot_id, user_name, user_email) "
    "select tenant_id, 'free', 'Ada', 'ada@example.com' from slots where slot_id = 'free'",
    "confirmed": "update bookings set status = 'confirmed'",
    "cancelled": "update bookings set status = 'cancelled'",
    "moved here": "update bookings set slot_id = 'free' where slot_id = 'elsewhere'",
    "moved away": "update bookings set slot_id = 'another' where slot_id = 'held'",
    "deleted": "delete from bookings",
    "deleted of a slot that came later": "delete from bookings where slot_id = 'later'",
    "slot added": "insert into slots (tenant_id, slot_id, resource, starts_at, ends_at) "
    "select tenant_id, 'new', 'new', starts_at, ends_at from slots where slot_id = 'free'",
    "slot changed": "update slots set capacity = 4 where slot_id = 'free'",
    "slot moved here": "update slots set starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day' "
    "where slot_id = 'tomorrow'",
    "slot moved away": "update slots set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day' "
    "where slot_id = 'free'",
    "slot removed": "delete from slots where slot_id = 'free'",
    "time zone": "insert into frontdesk.settings (tenant_id, time_zone) values (casebase.default_tenant(), 'Asia/Tokyo')",
}


@pytest.mark.parametrize("write", list(WRITES))
async def test_any_write_makes_a_new_version(
    service: Session, owner: asyncpg.Connection, make_slot: MakeSlot, book: Book, write: str
) -> None:
    """By whoever, in psql too."""
    await book("later")
    await book("elsewhere")
    for slot_id in ("free", "held", "later"):
        await make_slot(slot_id, starts_at=NINE)
    for slot_id in ("another", "tomorrow"):
        await make_slot(slot_id, starts_at=NINE + timedelta(days=1))
    await book("held")

    async def version() -> dict[str, Any]:
        found = await service.call("get_availability_version", {"tenant_id": None, "on_date": DAY})
        del found["now"]
        return dict(found)

    before = await version()
    assert await version() == before
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute(WRITES[write])
    assert await version() == before  # not committed yet
    await transaction.commit()
    assert await version() != before


async def test_another_days_or_tenants_write_is_none_of_its_business(
    service: Session, people: People, make_slot: MakeSlot, book: Book
) -> None:
    await make_slot("tomorrow", starts_at=NINE + timedelta(days=2))
    await make_slot("theirs", starts_at=NINE, tenant_id=people.other_tenant)
    asked = {"tenant_id": None, "on_date": DAY}
    before = await service.call("get_availability_version", asked)
    await book("tomorrow")
    await book("theirs", tenant_id=people.other_tenant)
    assert (await service.call("get_availability_version", asked))["version"] == before["version"]


async def test_what_happens_by_itself_ends_it(at: At, make_slot: MakeSlot) -> None:
    """Nothing is written when a hold runs out or a slot begins, so nothing is kept for longer than that."""
    kept = Cache(load_settings())
    await make_slot("held", starts_at=TODAY + timedelta(hours=2))
    await make_slot("soon", starts_at=TODAY + timedelta(minutes=30))
    held = {"slot_id": "held", "user_name": "Ada Byron", "user_email": "ada@example.com"}
    await (await at(TODAY)).session().call("book_slot", {"payload": held})

    async def found(minutes: int) -> tuple[set[str], int]:
        database = CountingDatabase((await at(TODAY + timedelta(minutes=minutes))).database.pool)
        body = json.loads(await Availability(database, kept).on(SERVICE, None, TODAY.date()))
        return {slot["slot_id"] for slot in body["slots"]}, len(database.called)

    assert [await found(minutes) for minutes in (13, 14, 16, 18, 22, 28, 29, 31)] == [
        ({"soon"}, 2),
        ({"soon"}, 1),
        ({"soon", "held"}, 2),
        ({"soon", "held"}, 1),
        ({"soon", "held"}, 2),
        ({"soon", "held"}, 2),
        ({"soon", "held"}, 1),
        ({"held"}, 2),
    ]


@pytest.mark.parametrize("spoiled", ["", "soon\n{}", "2030-06-17T09:00:00\n{}", "no line"])
async def test_what_cannot_be_read_in_it_is_as_if_it_were_not_there(
    processes: Processes, make_slot: MakeSlot, monkeypatch: pytest.MonkeyPatch, spoiled: str
) -> None:
    await make_slot(starts_at=NINE)
    [client, _] = await processes(SERVICE)
    kept: dict[str, str] = {}

    async def get(_: Cache, key: str) -> str:
        return kept.get(key, spoiled)

    async def put(_: Cache, key: str, text: str) -> None:
        kept[key] = text

    monkeypatch.setattr(Cache, "get", get)
    monkeypatch.setattr(Cache, "put", put)
    assert await free(client) == {"chair-1": 1}
    [text] = kept.values()
    assert "chair-1" in text
    assert await free(client) == {"chair-1": 1}


async def test_readers_during_bookings_never_see_a_place_that_was_taken_before(
    processes: Processes, make_slot: MakeSlot, book: Book
) -> None:
    await make_slot(starts_at=NINE, capacity=40)
    clients = await processes(SERVICE)
    committed = 0
    is_over = asyncio.Event()

    async def read(client: httpx.AsyncClient) -> None:
        while not is_over.is_set():
            expected = 40 - committed
            assert (await free(client)).get("chair-1", 0) <= expected

    readers = [asyncio.create_task(read(client)) for client in clients * 2]
    for number in range(40):
        await book()
        committed = number + 1
    is_over.set()
    await asyncio.gather(*readers)


@requires("redis")
async def test_processes_share_a_redis_and_do_without_it(
    processes: Processes,
    database_calls: CountingDatabase,
    make_slot: MakeSlot,
    book: Book,
    redis: tuple[str, subprocess.Popen[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "_REDIS_PAUSE_S", 0)
    await make_slot(starts_at=NINE, capacity=9)
    url, process = redis
    address = urlsplit(url)
    assert address.hostname is not None
    assert address.port is not None
    async with slow_proxy(address.hostname, address.port) as proxy:
        one, other = await processes(SERVICE, redis_url=f"redis://127.0.0.1:{proxy.port}/0")

        async def is_shared() -> bool:
            database_calls.called.clear()
            assert await free(one) == await free(other)
            return database_calls.called.count("list_available_slots") == 1

        assert await is_shared()
        await book()
        assert await free(other) == {"chair-1": 8}

        # It hangs, as it does while it forks: read from the database instead.
        proxy.is_open.clear()
        await book()
        assert await free(one) == {"chair-1": 7}
        proxy.is_open.set()
        assert await is_shared()

        stop_redis(process)
        await book()
        assert await free(one) == await free(other) == {"chair-1": 6}
        again = await start_redis(address.port, tmp_path)
        try:
            await book()
            assert await is_shared()
            assert await free(other) == {"chair-1": 5}
        finally:
            stop_redis(again)


@requires("redis")
async def test_who_believes_a_spoiled_cache_books_nothing_twice(
    processes: Processes,
    owner: asyncpg.Connection,
    make_slot: MakeSlot,
    book: Book,
    redis: tuple[str, subprocess.Popen[bytes]],
) -> None:
    from redis.asyncio import Redis

    await make_slot(starts_at=NINE)
    url, _ = redis
    one, other = await processes(SERVICE, redis_url=url)
    assert await free(one) == {"chair-1": 1}
    async with Redis.from_url(url, decode_responses=True) as store:
        [key] = await store.keys("*")
        stale = await store.get(key)
        await book(is_confirmed=True)
        assert await free(one) == {}
        for name in await store.keys("*"):
            await store.set(name, stale)
    assert await free(one) == await free(other) == {"chair-1": 1}
    booking = {"slot_id": "chair-1", "user_name": "Eve", "user_email": "eve@example.com"}
    refused = await asyncio.gather(
        *(client.post("/v1/frontdesk/bookings", json=booking) for client in [one, other] * 10)
    )
    assert {(each.status_code, each.json()["code"]) for each in refused} == {(409, "slot_unavailable")}
    assert await owner.fetchval("select count(*) from bookings") == 1
