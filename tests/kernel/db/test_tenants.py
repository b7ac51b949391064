"""Tenants are seen by their members only, from the moment they join to the moment they are removed."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal


@pytest.fixture
async def people(owner: asyncpg.Connection) -> dict[str, UUID]:
    """Two tenants with a member each: acme's ann, and bolt's bob."""
    ids = {}
    for user, tenant in (("ann", "acme"), ("bob", "bolt")):
        ids[user] = await owner.fetchval(
            "insert into auth.users (email) values ($1) returning id", f"{user}@x.test"
        )
        ids[tenant] = await owner.fetchval(
            "insert into public.tenants (slug, name) values ($1, $1) returning id", tenant
        )
        await owner.execute(
            "insert into public.tenant_users values ($1, $2, 'admin')", ids[tenant], ids[user]
        )
    await owner.execute("""
        create function public.list_my_tenants() returns setof text language sql
            as 'select slug from public.tenants order by slug';
        create function public.list_my_memberships() returns setof uuid language sql
            as 'select user_id from public.tenant_users';
        create function public.list_admin_tenants() returns uuid[] language sql
            as $$ select casebase.member_tenants(array['admin']) $$;
        grant execute on all functions in schema public to anon, authenticated;
    """)
    return ids


async def test_a_member_sees_their_tenant_alone(db: Database, people: dict[str, UUID]) -> None:
    session = db.session(Principal("authenticated", sub=people["ann"]))
    assert await session.call("list_my_tenants") == ["acme"]
    assert await session.call("list_my_memberships") == [str(people["ann"])]


async def test_a_stranger_sees_none(db: Database, people: dict[str, UUID]) -> None:
    assert await db.session(Principal("authenticated", sub=uuid4())).call("list_my_tenants") == []


async def test_a_removed_member_is_out_at_once(
    db: Database, owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    session = db.session(Principal("authenticated", sub=people["ann"]))
    await owner.execute("delete from public.tenant_users where user_id = $1", people["ann"])
    assert await session.call("list_my_tenants") == []


async def test_a_role_narrows_the_tenants(
    db: Database, owner: asyncpg.Connection, people: dict[str, UUID]
) -> None:
    session = db.session(Principal("authenticated", sub=people["ann"]))
    assert await session.call("list_admin_tenants") == [str(people["acme"])]
    await owner.execute("update public.tenant_users set role = 'member'")
    assert await session.call("list_admin_tenants") == []


async def test_the_default_tenant_is_there(owner: asyncpg.Connection) -> None:
    assert await owner.fetchval(
        "select casebase.default_tenant() = (select id from public.tenants where slug = 'default')"
    )
