"""Batches that add messages to several sessions at once count each exactly, and never wait for each other in a circle."""

from __future__ import annotations

import asyncio
import random

import asyncpg

from tests.conftest import MakePerson
from tests.practice.conftest import MakeSession


async def test_fifty_batches_over_the_same_sessions(
    owner: asyncpg.Connection, database: str, make_person: MakePerson, make_session: MakeSession
) -> None:
    sessions = [await make_session(await make_person(None, ""), main=1, helper=1) for _ in range(4)]
    lots = random.Random(7)

    async with asyncpg.create_pool(database, min_size=10, max_size=10) as pool:

        async def batch() -> None:
            order = lots.sample(sessions, len(sessions))
            await pool.execute(
                "insert into public.messages (session_id, role, chat_type, content) "
                "select s, 'helper', 'helper', 'Satz' from unnest($1::uuid[]) s",
                order,
            )

        await asyncio.gather(*(batch() for _ in range(50)))

    counts = await owner.fetch("select message_count_main, message_count_helper from public.sessions")
    assert [tuple(row) for row in counts] == [(1, 51)] * 4
