"""How a command does its work in a runtime that is opened for it and closed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from casebase.kernel.runtime import Runtime

T = TypeVar("T")


def in_runtime(work: Callable[[Runtime], Awaitable[T]]) -> T:
    """Open the runtime that the settings name, do the work in it, and return what it returned."""

    async def run() -> T:
        from casebase.app import open_runtime

        async with open_runtime() as runtime:
            return await work(runtime)

    return asyncio.run(run())
