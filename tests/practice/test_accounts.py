"""Whoever has an account has a profile, also who had the account before the module came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import pytest

from casebase.kernel.migrate import connected, migrate_down, migrate_up, restore
from casebase.kernel.module import Module
from casebase.modules.practice import MODULE
from tests.support.waiting import locks_awaited

_ROWS = """
    select jsonb_build_object(
        'profiles', (select jsonb_agg(p order by id) from public.profiles p),
        'sessions', (select jsonb_agg(s order by id) from public.sessions s),
        'logs', (select jsonb_agg(l order by id) from public.logs l))
"""
_ADD = "insert into auth.users (email) values ($1) returning id"


async def test_accounts_that_are_there_get_a_profile_and_no_event(kernel_database: str) -> None:
    async with connected(kernel_database) as owner:
        for n in range(3):
            await owner.execute(_ADD, f"ada{n}@example.com")
        await migrate_up(kernel_database, (MODULE,))
        assert await owner.fetchval("select array_agg(email order by email) from public.profiles") == [
            "ada0@example.com",
            "ada1@example.com",
            "ada2@example.com",
        ]
        assert await owner.fetchval("select count(*) from public.logs") == 0


async def test_an_account_made_meanwhile_has_a_profile(
    create_database: Callable[[Sequence[Module] | None], str],
) -> None:
    url = create_database((MODULE,))
    async with connected(url) as owner, connected(url) as watcher:
        # The state between the tables' migration and the repeatable files'.
        await owner.execute(
            "drop trigger users_make_profile on auth.users; drop trigger users_keep_profile on auth.users;"
            "delete from casebase.applied_files where unit = 'practice'"
        )
        adding = owner.transaction()
        await adding.start()
        user_id = await owner.fetchval(_ADD, "ada@example.com")
        migrating = asyncio.create_task(migrate_up(url, (MODULE,)))
        await locks_awaited(watcher, on="auth.users")
        await adding.commit()
        await migrating
        assert (
            await owner.fetchval("select email from public.profiles where id = $1", user_id)
            == "ada@example.com"
        )


async def test_a_new_account_has_a_profile_and_is_noted_as_a_hash(owner: asyncpg.Connection) -> None:
    user_id = await owner.fetchval(_ADD, "ada@example.com")
    assert (
        await owner.fetchval("select email from public.profiles where id = $1", user_id) == "ada@example.com"
    )
    event = await owner.fetchrow("select * from public.logs where event_type = 'user_registered'")
    assert event["user_id"] is None
    assert len(event["user_key"]) == 24
    assert str(user_id)[:8] not in str(dict(event))


@pytest.mark.parametrize("email", ["ada.lovelace@example.com", None])
async def test_a_profile_has_its_accounts_email(owner: asyncpg.Connection, email: str | None) -> None:
    user_id = await owner.fetchval(_ADD, "ada@example.com")
    await owner.execute("update auth.users set email = $2 where id = $1", user_id, email)
    assert await owner.fetchval("select email from public.profiles where id = $1", user_id) == email


async def test_a_sign_in_is_noted_once(owner: asyncpg.Connection) -> None:
    user_id = await owner.fetchval(_ADD, "ada@example.com")
    await owner.execute("update auth.users set last_sign_in_at = now() where id = $1", user_id)
    await owner.execute("update auth.users set raw_user_meta_data = '{}' where id = $1", user_id)
    assert (
        await owner.fetchval("select count(*) from public.logs where event_type = 'user_login_success'") == 1
    )


async def test_accounts_outlive_the_module_and_find_it_again(
    create_database: Callable[[Sequence[Module] | None], str], tmp_path: Path
) -> None:
    url = create_database((MODULE,))
    async with connected(url) as owner:
        ada = await owner.fetchval(_ADD, "ada@example.com")
        await owner.execute(
            "insert into public.sessions (user_id, scenario_id, is_completed) values ($1, 1, true)", ada
        )
        before = await owner.fetchval(_ROWS)
        await migrate_down(url, "practice", (MODULE,), dump=tmp_path / "practice.zip")
        assert await owner.fetchval("select count(*) from auth.users") == 1
        await restore(url, tmp_path / "practice.zip", (MODULE,))
        assert await owner.fetchval(_ROWS) == before
        await migrate_down(url, "practice", (MODULE,), dump=tmp_path / "again.zip")
        await owner.execute(_ADD, "bo@example.com")
        await migrate_up(url, (MODULE,))
        assert await owner.fetchval("select count(*) from public.profiles") == 2
