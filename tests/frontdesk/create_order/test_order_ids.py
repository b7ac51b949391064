"""An order's id sorts by its time, is nobody else's and cannot be guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg


async def test_a_hundred_thousand_differ_and_sort_by_time(owner: asyncpg.Connection) -> None:
    found = await owner.fetch(
        "select frontdesk.new_order_id('2026-06-17T10:00:00Z'::timestamptz + n / 100 * interval '1 millisecond') as id "
        "from generate_series(0, 99999) n"
    )
    ids = [each["id"] for each in found]
    assert len(set(ids)) == 100_000
    # A hundred of each millisecond: what sorts by time differs in nothing else.
    moments = [each[:14] for each in ids]
    assert moments == sorted(moments)
    assert len(set(moments)) == 1000
    # 80 random bits: each of the last 16 signs takes each of its 32 values about as often as the others.
    for place in range(14, 30):
        counts = [0] * 128
        for each in ids:
            counts[ord(each[place])] += 1
        seen = [count for count in counts if count]
        # 3125 expected; a standard deviation is 55, and ten of them are for no run to see.
        assert len(seen) == 32
        assert 2575 < min(seen) <= max(seen) < 3675


async def test_any_time_sorts(owner: asyncpg.Connection) -> None:
    moments = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=91.3 * n) for n in range(800)]
    ids = [await owner.fetchval("select frontdesk.new_order_id($1)", moment) for moment in moments]
    assert ids == sorted(ids)
