"""Three leaks of the specification's own policies: each is shown open with them, and closed here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Principal, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.access import acting_as
from tests.support.postgrest import postgrest
from tests.support.requires import requires
from tests.support.rows import all_rows
from tests.support.tokens import JWT_SECRET, bearer

SPECIFIED = """
    create table public.bookings (
        id uuid primary key default gen_random_uuid(), slot_id text not null,
        tenant_id uuid references public.tenants (id), user_id uuid references auth.users (id), status text not null
    );
    create policy "Users can view their own bookings" on public.bookings for select
        using (auth.uid() = user_id
               or tenant_id in (select tenant_id from public.tenant_users where user_id = auth.uid()));
    create policy "Users can cancel their own bookings" on public.bookings for update
        using (auth.uid() = user_id) with check (status = 'cancelled');

    create table public.analytics_metrics (
        id uuid primary key default gen_random_uuid(), name text not null, value numeric not null,
        tenant_id uuid references public.tenants (id)
    );
    create policy "System can insert metrics" on public.analytics_metrics for insert with check (true);

    create table public.orders (
        id uuid primary key default gen_random_uuid(), order_id text not null, tenant_id uuid,
        user_id uuid references auth.users (id), customer_email text
    );
    create policy "Users can view their own orders" on public.orders for select
        using (auth.uid() = user_id
               or customer_email = (select email from auth.users where id = auth.uid()));

    alter table public.bookings enable row level security;
    alter table public.analytics_metrics enable row level security;
    alter table public.orders enable row level security;
    -- As Supabase grants every table of public.
    grant all on public.bookings, public.analytics_metrics, public.orders to anon, authenticated;
"""
"""Columns and policies of the specification's section 1 that the leaks are about."""

WRITE_A_METRIC = "insert into public.analytics_metrics (name, value, tenant_id) values ('visits', 1e9, $1)"
MOVE_A_BOOKING = "update public.bookings set tenant_id = $1, status = 'cancelled' where id = $2"
READ_ORDERS = "select order_id from public.orders order by order_id"


@dataclass(frozen=True)
class Scratch:
    """A database with the tables and policies as they are specified, a tenant each of two companies, and a customer."""

    owner: asyncpg.Connection
    tenant: UUID
    other_tenant: UUID
    customer: Principal


@pytest.fixture
async def scratch(kernel_database: str) -> AsyncIterator[Scratch]:
    owner = await asyncpg.connect(kernel_database)
    await owner.execute(SPECIFIED)
    other = await owner.fetchval(
        "insert into public.tenants (slug, name) values ('other', 'Other') returning id"
    )
    user = await owner.fetchval("insert into auth.users (email) values ('ada@example.com') returning id")
    yield Scratch(
        owner,
        await owner.fetchval("select casebase.default_tenant()"),
        other,
        Principal("authenticated", sub=user, email="ada@example.com"),
    )
    await owner.close()


@pytest.fixture
async def customer(owner: asyncpg.Connection, people: People) -> Principal:
    """A customer whose address is confirmed, and in their token."""
    await owner.execute(
        "update auth.users set email = 'ada@example.com', email_confirmed_at = now() where id = $1",
        people.customer.sub,
    )
    return Principal("authenticated", sub=people.customer.sub, email="ada@example.com")


async def make_order(service: Session, **fields: object) -> str:
    items = [{"name": "Lamp", "quantity": 1, "unit_price": "9.90"}]
    order = await service.call("create_order", {"payload": {"items": items, **fields}})
    order_id: str = order["order_id"]
    return order_id


class TestMetricsByAnon:
    async def test_are_written_into_any_tenant_with_the_specified_policy(self, scratch: Scratch) -> None:
        async with acting_as(scratch.owner, ANON):
            await scratch.owner.execute(WRITE_A_METRIC, scratch.other_tenant)
        assert await scratch.owner.fetchval("select tenant_id from analytics_metrics") == scratch.other_tenant

    async def test_are_refused(self, owner: asyncpg.Connection, api: Database, people: People) -> None:
        before = await all_rows(owner)
        for caller in (ANON, people.customer, people.member, people.admin, people.owner):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with acting_as(owner, caller):
                    await owner.execute(WRITE_A_METRIC, people.default_tenant)
            metric = {"tenant_id": str(people.default_tenant), "name": "visits", "value": 1}
            for function, payload in (
                ("record_metric", metric),
                ("record_metrics", {"metrics": [metric]}),
            ):
                with pytest.raises(RpcError) as refused:
                    await api.session(caller).call(function, {"payload": payload})
                assert (refused.value.status, refused.value.code) == (403, "forbidden")
        assert await all_rows(owner) == before

    async def test_enter_no_partition_behind_the_tables_back(
        self, owner: asyncpg.Connection, service: Session, people: People
    ) -> None:
        await service.call("maintain_metric_partitions", {})
        partitions = await owner.fetch(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'public.analytics_metrics'::regclass"
        )
        assert len(partitions) > 1
        for (partition,) in partitions:
            for caller in (ANON, people.admin):
                for statement in (
                    f"insert into {partition} (name, value, tenant_id) values ('visits', 1, $1)",
                    f"delete from {partition} where tenant_id = $1",
                    f"select from {partition} where tenant_id = $1",
                ):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        async with acting_as(owner, caller):
                            await owner.execute(statement, people.default_tenant)


class TestBookingMovedAcrossTenants:
    async def test_is_what_the_specified_policy_allows(self, scratch: Scratch) -> None:
        booking = await scratch.owner.fetchval(
            "insert into public.bookings (slot_id, tenant_id, user_id, status) "
            "values ('chair-1', $1, $2, 'confirmed') returning id",
            scratch.tenant,
            scratch.customer.sub,
        )
        async with acting_as(scratch.owner, scratch.customer):
            await scratch.owner.execute(MOVE_A_BOOKING, scratch.other_tenant, booking)
        assert await scratch.owner.fetchval("select tenant_id from bookings") == scratch.other_tenant

    async def test_is_refused_to_everybody(
        self, owner: asyncpg.Connection, people: People, make_slot: MakeSlot, book: Book
    ) -> None:
        await make_slot()
        booking = (await book(user_id=people.customer.sub))["booking_id"]
        before = await all_rows(owner)
        for caller in (people.customer, people.admin, people.other_admin, ANON):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with acting_as(owner, caller):
                    await owner.execute(MOVE_A_BOOKING, people.other_tenant, UUID(booking))
        assert await all_rows(owner) == before
        # Not even by who owns the tables.
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(
                "update public.bookings set tenant_id = $1 where id = $2", people.other_tenant, UUID(booking)
            )
        assert await all_rows(owner) == before

    async def test_no_function_does_it(
        self, owner: asyncpg.Connection, api: Database, people: People, make_slot: MakeSlot, book: Book
    ) -> None:
        await make_slot()
        await make_slot("theirs", tenant_id=people.other_tenant)
        taken = await book("theirs", tenant_id=people.other_tenant)
        mine = await book(user_id=people.customer.sub)
        customer = api.session(people.customer)
        to = {"booking_id": mine["booking_id"], "slot_id": "theirs"}
        with pytest.raises(RpcError) as refused:
            await customer.call("reschedule_booking", to)
        assert refused.value.code == "slot_not_found"
        # To the desk a text that is no slot of its tenant is a slot of its own, free however taken it is there.
        moved = await api.session(people.member).call("reschedule_booking", to)
        assert moved["tenant_id"] == str(people.default_tenant)
        await customer.call("cancel_booking", {"booking_id": mine["booking_id"]})
        assert await owner.fetch("select id::text, tenant_id, status from bookings order by tenant_id = $1", people.other_tenant) == [
            (mine["booking_id"], people.default_tenant, "cancelled"),
            (taken["booking_id"], people.other_tenant, "pending"),
        ]  # fmt: skip

    async def test_nor_is_one_made_for_a_tenant_or_a_person_not_ones_own(
        self, owner: asyncpg.Connection, people: People
    ) -> None:
        insert = (
            "insert into public.bookings (slot_id, tenant_id, user_id, user_name, user_email, status) "
            "values ('chair-1', $1, $2, 'Ada', 'ada@example.com', 'confirmed')"
        )
        for caller, tenant, whose in (
            (people.member, people.other_tenant, people.member.sub),
            (people.customer, people.default_tenant, people.customer.sub),
            (people.member, people.default_tenant, people.customer.sub),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with acting_as(owner, caller):
                    await owner.execute(insert, tenant, whose)


class TestOrdersUnreadable:
    async def test_is_what_the_specified_policy_makes_them(self, scratch: Scratch) -> None:
        await scratch.owner.execute(
            "insert into public.orders (order_id, tenant_id, user_id, customer_email) values ('1', $1, $2, $3)",
            scratch.tenant,
            scratch.customer.sub,
            scratch.customer.email,
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="users"):
            async with acting_as(scratch.owner, scratch.customer):
                await scratch.owner.fetch(READ_ORDERS)

    async def test_are_read_by_their_customer_and_nobody_elses_are(
        self, owner: asyncpg.Connection, service: Session, people: People, customer: Principal
    ) -> None:
        theirs = sorted(
            [
                await make_order(service, user_id=str(customer.sub)),
                await make_order(service, customer_email="Ada@Example.com"),
                await make_order(
                    service, tenant_id=str(people.other_tenant), customer_email="ada@example.com"
                ),
            ]
        )
        await make_order(service, customer_email="grace@example.com")
        await make_order(service, user_id=str(people.other_customer.sub))
        async with acting_as(owner, customer):
            assert [order_id for (order_id,) in await owner.fetch(READ_ORDERS)] == theirs
        async with acting_as(owner, people.member):
            assert await owner.fetch(READ_ORDERS) == []

    async def test_an_address_that_was_never_proved_shows_nothing(
        self, owner: asyncpg.Connection, service: Session, people: People
    ) -> None:
        await make_order(service, customer_email="ada@example.com")
        user = people.other_customer.sub
        await owner.execute(
            "update auth.users set email = 'ada@example.com', email_confirmed_at = null where id = $1", user
        )
        for caller in (
            Principal("authenticated", sub=user, email="ada@example.com"),
            Principal("authenticated", sub=user),
            Principal(
                "authenticated", sub=uuid4(), email="ada@example.com", claims={"email_verified": False}
            ),
            # An address that is somebody's, in the token of another account.
            Principal("authenticated", sub=people.customer.sub, email="ada@example.com"),
        ):
            async with acting_as(owner, caller):
                assert await owner.fetch(READ_ORDERS) == []


@requires("postgrest")
async def test_the_three_are_closed_over_postgrest_too(
    api_url: str, owner: asyncpg.Connection, service: Session, people: People, customer: Principal, book: Book
) -> None:
    booking = (await book("a-slot", user_id=customer.sub))["booking_id"]
    order = await make_order(service, customer_email="ada@example.com")
    await make_order(service, customer_email="grace@example.com")
    before = await all_rows(owner)
    mine, other = bearer(customer), str(people.other_tenant)
    async with postgrest(api_url, JWT_SECRET) as client:
        metric = await client.post(
            "/analytics_metrics", json={"name": "visits", "value": 1, "tenant_id": other}
        )
        moved = await client.patch(
            f"/bookings?id=eq.{booking}", json={"tenant_id": other, "status": "cancelled"}, headers=mine
        )
        orders = await client.get("/orders?select=order_id", headers=mine)
        strangers = await client.get("/orders?select=order_id")
    assert (metric.status_code, moved.status_code) == (401, 403)
    assert (orders.status_code, orders.json()) == (200, [{"order_id": order}])
    assert strangers.status_code == 401
    assert await all_rows(owner) == before
