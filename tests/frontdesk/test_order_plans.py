"""Among 40,000 orders and 20,000 scores each call finds its own through an index, and a page reads little more than it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from tests.support import postgres, reads
from tests.support.reads import call, rows_read

# One worker runs them all, so that the orders are made once.
pytestmark = pytest.mark.xdist_group("many_orders")

ORDERS = 40_000
SCORES = 20_000
SELLING_TENANTS = 20
SCORING_TENANTS = 80
CUSTOMERS = 800
PAGE = 20
TENANT = UUID(int=7)
NEWEST = datetime(2026, 6, 17, 10, tzinfo=UTC)
SMALL = {
    "public.tenants", "public.tenant_users", "public.products", "frontdesk.settings", "frontdesk.currencies", "auth.users",
}  # fmt: skip
assert_read_by_index = partial(reads.assert_read_by_index, small=SMALL)


async def _fill(owner: asyncpg.Connection) -> None:
    """Orders of a year, the tenants' and the customers' mixed, one in fifty still pending."""
    await owner.execute(
        f"""
        set session_replication_role = replica;
        insert into public.tenants (id, slug, name)
        select lpad(to_hex(n), 32, '0')::uuid, 't' || n, 'Tenant ' || n from generate_series(1, {SCORING_TENANTS}) n;
        insert into auth.users (id, email, email_confirmed_at)
        select lpad(to_hex(1000 + n), 32, '0')::uuid, 'c' || n || '@example.com', now() from generate_series(1, {CUSTOMERS}) n;
        insert into public.orders (order_id, tenant_id, user_id, customer_email, items, total, currency, status, created_at)
        select 'ord_' || lpad(upper(to_hex(n)), 26, '0'), lpad(to_hex(1 + n % {SELLING_TENANTS}), 32, '0')::uuid,
               case when n % 2 = 0 then lpad(to_hex(1001 + n % {CUSTOMERS}), 32, '0')::uuid end,
               case when n % 3 = 0 then 'c' || 1 + n % {CUSTOMERS} || '@example.com' end,
               '[{{"name": "Tea", "quantity": 1, "unit_price": 2.50, "amount": 2.50}}]', 2.50, 'USD',
               case when n % 50 < 49 then 'completed' else 'pending' end, at
        from generate_series(0, {ORDERS} - 1) n
        cross join lateral (select '{NEWEST}'::timestamptz - n * interval '10 minutes' as at) t;
        insert into public.conversation_scores (session_id, tenant_id, score, version, created_at)
        select 's' || n, lpad(to_hex(1 + n % {SCORING_TENANTS}), 32, '0')::uuid, n % 101, 1, '{NEWEST}'::timestamptz - n * interval '20 minutes'
        from generate_series(0, {SCORES} - 1) n;
        set session_replication_role = origin;
        """,
        timeout=240,
    )
    await owner.execute("analyze public.orders, public.conversation_scores, auth.users")


@pytest.fixture(scope="module")
def many_orders(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many orders, for tests that roll back what they write."""
    url = pg_server.create_database(postgres.our_modules())

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        await _fill(owner)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_orders: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(many_orders)
    yield connection
    await connection.close()


def customer(n: int) -> Principal:
    return Principal("authenticated", sub=UUID(int=1000 + n), email=f"c{n}@example.com")


def ago(days: int) -> str:
    return (NEWEST - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"status": "pending"},
        {"status": "failed"},
        {"from": ago(200), "until": ago(100)},
        {"status": "pending", "until": ago(100)},
        {"customer_email": "c42@example.com"},
        {"customer_email": "nobody@example.com"},
    ],
    ids=str,
)
async def test_a_page_of_a_tenants(many: asyncpg.Connection, asked: dict[str, Any]) -> None:
    payload = {**asked, "tenant_id": TENANT, "page_size": PAGE}
    async with rows_read(many) as counted:
        first = await call(many, SERVICE, "list_orders", {"payload": payload})
    assert_read_by_index(counted, orders=8 * PAGE)
    if first["next_cursor"]:
        async with rows_read(many) as counted:
            await call(many, SERVICE, "list_orders", {"payload": {**payload, "cursor": first["next_cursor"]}})
        assert_read_by_index(counted, orders=8 * PAGE)


async def test_ones_own_by_both_indexes(many: asyncpg.Connection) -> None:
    for n in (1, 43, CUSTOMERS - 1):
        async with rows_read(many) as counted:
            first = await call(many, customer(n), "list_my_orders", {"page_size": PAGE})
        assert len(first["items"]) == PAGE
        assert_read_by_index(counted, orders=8 * PAGE)
        async with rows_read(many) as counted:
            await call(
                many, customer(n), "list_my_orders", {"page_size": PAGE, "cursor": first["next_cursor"]}
            )
        assert_read_by_index(counted, orders=8 * PAGE)


async def test_ones_own_read_from_the_table(many: asyncpg.Connection) -> None:
    """As supabase-js reads, under the policies: an "or" of two of them, answered by both indexes."""
    who = customer(43)
    async with rows_read(many) as counted:
        await many.execute("select set_config('request.jwt.claims', $1, true)", who.claims_json)
        await many.execute("set local role authenticated")
        found = await many.fetch(
            "select order_id from public.orders where user_id = $1 or customer_email = $2", who.sub, who.email
        )
        await many.execute("set local role none")
    assert len(found) >= PAGE
    assert_read_by_index(counted, orders=8 * len(found))


async def test_one_order_is_found_settled_and_made(many: asyncpg.Connection) -> None:
    order_id = await many.fetchval(
        "select order_id from public.orders where status = 'pending' limit 1 offset 100"
    )
    async with rows_read(many) as counted:
        await call(many, SERVICE, "get_order", {"order_id": order_id})
        await call(many, SERVICE, "set_order_status", {"order_id": order_id, "status": "completed"})
        payload = {
            "items": [{"name": "Tea", "quantity": 1, "unit_price": 1}],
            "checkout_id": "c1",
            "tenant_id": TENANT,
        }
        for _ in range(2):
            await call(many, SERVICE, "create_order", {"payload": payload})
    assert_read_by_index(counted)


@pytest.mark.parametrize(
    "asked",
    [{}, {"from": ago(200), "until": ago(100)}, {"min_score": 40, "max_score": 60}, {"session_id": "s6"}],
    ids=str,
)
async def test_a_page_of_scores(many: asyncpg.Connection, asked: dict[str, Any]) -> None:
    payload = {**asked, "tenant_id": TENANT, "page_size": PAGE}
    async with rows_read(many) as counted:
        found = await call(many, SERVICE, "list_conversation_scores", {"payload": payload})
    assert found["items"]
    assert_read_by_index(counted, conversation_scores=30 * PAGE)


async def test_a_trend_reads_its_period(many: asyncpg.Connection) -> None:
    period = {"from": ago(30), "until": ago(10), "tenant_id": TENANT}
    async with rows_read(many) as counted:
        found = await call(many, SERVICE, "get_score_trend", period)
    scores = sum(point["count"] for point in found["points"])
    assert scores > 10
    assert_read_by_index(counted, conversation_scores=3 * scores)
