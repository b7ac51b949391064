"""A device's pushes go to who signed in on it last, whatever became of its token before."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Principal, Session
from tests.notifications.conftest import TODAY, People
from tests.support.access import acting_as
from tests.support.refusals import refusal_of, wrong_fields

TOKEN = "fcm:" + "aZ09_-" * 30


@pytest.fixture
def mine(api: Database, people: People) -> Session:
    return api.session(people.member)


async def register(session: Session, token: str = TOKEN, platform: str = "ios") -> dict[str, Any]:
    answer: dict[str, Any] = await session.call(
        "register_device_token", {"token": token, "platform": platform}
    )
    return answer


async def test_the_answer_does_not_repeat_the_token(owner: asyncpg.Connection, mine: Session) -> None:
    answer = await register(mine)
    assert answer.keys() == {"device_id", "platform", "last_seen_at"}
    row = await owner.fetchrow("select * from device_tokens")
    assert (row["id"], row["token"], row["revoked_at"]) == (UUID(answer["device_id"]), TOKEN, None)


async def test_again_it_is_the_same_device_seen_later(owner: asyncpg.Connection, mine: Session) -> None:
    first = await register(mine)
    await owner.execute("update device_tokens set last_seen_at = $1", TODAY)
    again = await register(mine, platform="web")
    assert (again["device_id"], again["platform"]) == (first["device_id"], "web")
    assert again["last_seen_at"] >= first["last_seen_at"]


async def test_who_signs_in_on_it_next_takes_it_over(
    owner: asyncpg.Connection, api: Database, mine: Session, people: People
) -> None:
    await register(mine)
    await register(api.session(people.other_member))
    assert await owner.fetch("select user_id from device_tokens") == [(people.other_member.sub,)]


async def test_a_revoked_one_is_sent_to_again(owner: asyncpg.Connection, mine: Session) -> None:
    await register(mine)
    await mine.call("revoke_device_token", {"token": TOKEN})
    await register(mine)
    assert await owner.fetchval("select revoked_at from device_tokens") is None


async def test_of_more_than_twenty_the_one_not_seen_for_longest_goes(
    owner: asyncpg.Connection, mine: Session, people: People
) -> None:
    await owner.executemany(
        "insert into device_tokens (user_id, token, platform, last_seen_at) values ($1, $2, 'web', $3)",
        [
            (people.member.sub, f"token-{n:04}", TODAY - timedelta(days=400 if n == 7 else n))
            for n in range(20)
        ],
    )
    await register(mine)
    revoked = await owner.fetch("select token from device_tokens where revoked_at is not null")
    assert revoked == [("token-0007",)]
    await register(mine)
    assert await owner.fetchval("select count(*) from device_tokens where revoked_at is not null") == 1


async def test_fifty_at_once_make_one_device(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    everyone = (people.member, people.admin, people.other_member, people.stranger, people.other_admin)
    await asyncio.gather(*(register(api.session(everyone[n % 5])) for n in range(50)))
    assert await owner.fetchval("select count(*) from device_tokens") == 1


async def test_the_longest_token_is_kept(owner: asyncpg.Connection, mine: Session) -> None:
    # Of characters that hardly compress, as an index keeps what it can compress.
    token = "".join(chr(33 + (n * n * 31 + n * 7919) % 94) for n in range(2000))
    await register(mine, token)
    assert await owner.fetchval("select token from device_tokens") == token


@pytest.mark.parametrize(
    ("token", "platform", "field"),
    [
        ("short", "ios", "token"),
        ("", "ios", "token"),
        ("x" * 2001, "ios", "token"),
        ("with a space", "ios", "token"),
        ("line\nfeed-and-more", "ios", "token"),
        ("tøken-of-somebody", "ios", "token"),
        (None, "ios", "token"),
        (TOKEN, "windows", "platform"),
        (TOKEN, None, "platform"),
    ],
)
async def test_what_is_no_token_is_refused(
    owner: asyncpg.Connection, mine: Session, token: str | None, platform: str | None, field: str
) -> None:
    error = await refusal_of(owner, mine, "register_device_token", token=token, platform=platform)
    assert set(wrong_fields(error)) == {field}


@pytest.mark.parametrize("principal", [ANON, SERVICE, Principal("authenticated")])
async def test_it_is_for_people(owner: asyncpg.Connection, api: Database, principal: Principal) -> None:
    error = await refusal_of(
        owner, api.session(principal), "register_device_token", token=TOKEN, platform="ios"
    )
    assert error.status == 403


async def test_nobody_reads_a_token_back(owner: asyncpg.Connection, mine: Session, people: People) -> None:
    await register(mine)
    async with acting_as(owner, people.member):
        assert await owner.fetch("select platform from device_tokens") == [("ios",)]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with owner.transaction():
                await owner.fetch("select token from device_tokens")
