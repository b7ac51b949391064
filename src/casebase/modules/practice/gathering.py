"""Gather the many small pieces of a stream into fewer, without keeping the first one waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def gathered(
    source: AsyncGenerator[str, None], every_s: float, limit: int
) -> AsyncGenerator[str, None]:
    """Yield the first piece at once, then what came in ``every_s`` seconds each time; raises what the source raises.

    What came before the source failed is yielded before its error. The source is read on only while less than ``limit``
    characters wait, so that one which is faster than who listens fills no memory.
    """
    waiting: list[str] = []
    arrived, taken = asyncio.Event(), asyncio.Event()

    size = 0

    async def read() -> None:
        nonlocal size
        async with aclosing(source):
            async for piece in source:
                waiting.append(piece)
                arrived.set()
                size += len(piece)
                while size >= limit:
                    taken.clear()
                    await taken.wait()

    reading = asyncio.create_task(read())
    reading.add_done_callback(lambda _: arrived.set())
    try:
        while True:
            await arrived.wait()
            arrived.clear()
            is_over = reading.done()
            if waiting:
                text = "".join(waiting)
                waiting.clear()
                size = 0
                taken.set()
                yield text
            if is_over:
                reading.result()
                return
            await asyncio.wait([reading], timeout=every_s)
    finally:
        reading.cancel()
        await asyncio.wait([reading])
