"""The guide from lists in memory to the database is run as it is written, before and after."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from casebase.app import Casebase
from casebase.kernel.db import Database
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk.errors import DB_ERROR, BookingError, FrontdeskError
from tests.frontdesk.conftest import People

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "from-in-memory.md"


def blocks(kind: str) -> dict[str, Any]:
    """What the guide's blocks of a kind define."""
    defined: dict[str, Any] = {}
    found = re.findall(rf"^```python{kind}\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    for block in found:
        exec(compile(block, str(GUIDE), "exec"), defined)
    return defined


@pytest.fixture
def cb(runtime: Runtime) -> Casebase:
    return Casebase(runtime)


@pytest.fixture
def after() -> dict[str, Any]:
    return blocks(" after")


def test_before_gives_one_slot_to_two() -> None:
    before = blocks(" before")
    for name in ("Ada", "Grace"):
        before["book_appointment"]("chair-1", name, "someone@example.com")
    before["score_conversation"]("chat-1", [{"is_error": True}])
    before["record_metric"](" Visits", 1)
    before["create_order"]([], 0.1 + 0.2)
    assert [booking["slot_id"] for booking in before["BOOKINGS"]] == ["chair-1"] * 2


async def test_a_process_of_its_own_books(
    database: str,
    tmp_path: Path,
    after: dict[str, Any],
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CASEBASE_DATABASE_URL", database)
    monkeypatch.setenv("CASEBASE_HOME", str(tmp_path))
    main = blocks("")["main"]
    main.__globals__.update(after)
    await main()
    assert await owner.fetchval("select user_name from bookings") == "Ada Byron"


async def test_bookings(cb: Casebase, after: dict[str, Any], people: People) -> None:
    book = after["book_appointment"]
    taken = await asyncio.gather(
        *(book(cb, f"form:{n}", "chair-1", f"Customer {n}", f"{n}@example.com") for n in range(20))
    )
    assert Counter(booking is None for booking in taken) == {True: 19, False: 1}
    theirs = await book(cb, "form:ada", "chair-1", "Ada Byron", "ada@example.com", str(people.other_tenant))
    assert (theirs.tenant_id, theirs.status) == (people.other_tenant, "confirmed")
    with pytest.raises(BookingError, match="Invalid input") as refused:
        await book(cb, "form:empty", "chair-2", "Ada Byron", "")
    assert refused.value.code == "INVALID_INPUT"


async def test_a_booking_whose_answer_was_lost_is_asked_for_again(
    runtime: Runtime, after: dict[str, Any], owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = partial(
        after["book_appointment"], Casebase(runtime), "form:1", "chair-1", "Ada Byron", "ada@example.com"
    )
    answer = asyncpg.Connection.fetchrow

    async def lose_the_answer(connection: asyncpg.Connection, *arguments: Any, **named: Any) -> None:
        await answer(connection, *arguments, **named)
        connection.terminate()
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    with monkeypatch.context() as broken:
        broken.setattr(asyncpg.Connection, "fetchrow", lose_the_answer)
        with pytest.raises(BookingError) as lost:
            await ask()
    assert lost.value.code == DB_ERROR
    written = await owner.fetchval("select id from bookings")
    assert (await ask()).booking_id == written
    assert await owner.fetchval("select count(*) from bookings") == 1


async def test_scores(cb: Casebase, after: dict[str, Any], owner: asyncpg.Connection) -> None:
    said = [{"role": "user", "content": "a secret word"}, {"role": "assistant", "content": "Gladly, at ten."}]
    score = after["score_conversation"]
    stored = await score(cb, "chat-1", said, {"rating": 5, "is_resolved": True})
    assert (stored.measures["message_count"], stored.is_replaced) == (2, False)
    assert (await score(cb, "chat-1", said, {"rating": 1})).score < stored.score
    assert await owner.fetchval("select count(*) from conversation_scores s where s::text ~ 'secret'") == 0
    with pytest.raises(ValueError, match="rating"):
        await score(cb, "chat-1", said, {"rating": 6})


async def test_metrics(
    cb: Casebase, after: dict[str, Any], owner: asyncpg.Connection, runtime: Runtime
) -> None:
    record = after["record_metric"]
    assert await record(cb, "  API.Latency_ms ", 12.5, {"route": "book"})
    assert await owner.fetchrow("select name, value, tags->>'route' from analytics_metrics") == (
        "api.latency_ms",
        12.5,
        "book",
    )
    with pytest.raises(FrontdeskError) as refused:
        await record(cb, "no/such!", 1)
    assert refused.value.code == "INVALID_INPUT"
    async with await Database.connect(runtime.direct_url) as database:
        await database.close()
        assert not await record(Casebase(replace(runtime, database=database)), "visits", 1)


async def test_orders(cb: Casebase, after: dict[str, Any]) -> None:
    await cb.frontdesk.set_products({"products": [{"sku": "lamp", "name": "Lamp", "unit_price": "0.10"}]})
    create = after["create_order"]
    order, again = [
        await create(cb, "cart-1", [{"sku": "lamp", "quantity": 3}], "ada@example.com") for _ in range(2)
    ]
    assert (str(order.total), order.status) == ("0.3", "pending")
    assert (again.order_id, again.is_repeated) == (order.order_id, True)
    done = await after["complete_order"](cb, order.order_id, "tx-1")
    assert (done.status, done.transaction_id) == ("completed", "tx-1")
    with pytest.raises(LookupError, match="sku"):
        await create(cb, "cart-2", [{"sku": "sofa", "quantity": 1}])
