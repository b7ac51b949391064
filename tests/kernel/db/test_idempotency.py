"""Idempotency-Key: same key and body, same reply; kept in the transaction of the call itself."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal, Reply
from casebase.kernel.errors import RpcError

USER = Principal("authenticated", sub=uuid4())
OTHER = Principal("authenticated", sub=uuid4())


async def write(db: Database, number: int, key: str | None, principal: Principal = USER) -> Reply:
    return await db.rpc(principal, "write_note", f'{{"id": {number}, "body": "x"}}', idempotency_key=key)


async def test_replays_the_reply(db: Database, owner: asyncpg.Connection) -> None:
    assert await write(db, 1, "k") == ("1", False)
    assert await write(db, 1, "k") == ("1", True)
    assert await owner.fetchval("select count(*) from public.notes") == 1


async def test_another_body_is_422(db: Database) -> None:
    await write(db, 1, "k")
    with pytest.raises(RpcError) as caught:
        await write(db, 2, "k")
    assert (caught.value.status, caught.value.code) == (422, "idempotency_key_reused")


async def test_the_key_belongs_to_its_principal(db: Database) -> None:
    await write(db, 1, "k")
    assert not (await write(db, 2, "k", OTHER)).is_replay


async def test_nobody_is_another_by_a_claim_of_the_service(db: Database) -> None:
    await write(db, 1, "k")
    pretender = Principal("authenticated", claims={"client": str(USER.sub)})
    assert not (await write(db, 2, "k", pretender)).is_replay


async def test_the_key_belongs_to_its_function(db: Database) -> None:
    await write(db, 1, "k")
    reply = await db.rpc(USER, "add_numbers", '{"a": 1}', idempotency_key="k")
    assert reply == ("3", False)


async def test_a_refused_call_keeps_no_key(db: Database) -> None:
    with pytest.raises(RpcError):
        await db.rpc(USER, "write_then_fail", '{"id": 1}', idempotency_key="k")
    assert await write(db, 1, "k") == ("1", False)


async def test_a_void_reply_is_replayed_too(db: Database) -> None:
    assert await db.rpc(USER, "forget_it", idempotency_key="k") == (None, False)
    assert await db.rpc(USER, "forget_it", idempotency_key="k") == (None, True)


async def test_is_forgotten_after_24_hours(db: Database, owner: asyncpg.Connection) -> None:
    await db.rpc(USER, "add_numbers", '{"a": 1}', idempotency_key="k")
    await owner.execute("update casebase.idempotency_keys set expires_at = casebase.now()")
    assert await db.rpc(USER, "add_numbers", '{"a": 2}', idempotency_key="k") == ("4", False)


async def test_a_reply_with_personal_data_is_not_kept(db: Database, owner: asyncpg.Connection) -> None:
    told = await db.rpc(USER, "write_and_tell", '{"id": 1}', idempotency_key="k")
    assert told == ('"Rachel Tan"', False)
    assert await owner.fetchval("select count(*) from casebase.idempotency_keys") == 0
    # The same connection's next call keeps its reply as ever.
    await write(db, 2, "k")
    assert (await write(db, 2, "k")).is_replay


async def test_what_only_reads_is_asked_anew(db: Database, owner: asyncpg.Connection) -> None:
    assert await db.rpc(USER, "count_notes", idempotency_key="k") == ("0", False)
    await write(db, 1, None)
    assert await db.rpc(USER, "count_notes", idempotency_key="k") == ("1", False)
    await owner.execute("revoke execute on function public.count_notes from authenticated")
    with pytest.raises(RpcError) as caught:
        await db.rpc(USER, "count_notes", idempotency_key="k")
    assert caught.value.status == 403


async def test_50_clients_with_one_key_write_once(db: Database, owner: asyncpg.Connection) -> None:
    replies = await asyncio.gather(*(write(db, 1, "k") for _ in range(50)))
    assert [reply.body for reply in replies] == ["1"] * 50
    assert sum(not reply.is_replay for reply in replies) == 1
    assert await owner.fetchval("select count(*) from public.notes") == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_of_absurd_length_is_refused(db: Database, key: str) -> None:
    with pytest.raises(RpcError) as caught:
        await write(db, 1, key)
    assert caught.value.status == 422
