"""Small pieces are gathered into fewer, and no more of them than may wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from casebase.modules.practice.gathering import gathered


async def test_a_source_that_is_faster_than_who_listens_waits() -> None:
    read = 0

    async def endless() -> AsyncGenerator[str, None]:
        nonlocal read
        while True:
            read += 1
            yield "wort "
            await asyncio.sleep(0)

    async with aclosing(gathered(endless(), 0.01, 50)) as pieces:
        assert await anext(pieces)
        # Time for thousands of pieces, while the first is being kept.
        for _ in range(5000):
            await asyncio.sleep(0)
        assert read < 50
        assert len(await anext(pieces)) <= 55


async def test_all_of_a_source_comes() -> None:
    async def some() -> AsyncGenerator[str, None]:
        for n in range(1000):
            yield f"{n} "

    async with aclosing(gathered(some(), 0, 64)) as pieces:
        assert "".join([piece async for piece in pieces]) == "".join(f"{n} " for n in range(1000))
