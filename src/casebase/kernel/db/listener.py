"""LISTEN on a connection of its own, which comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from casebase.kernel.db.translate import DRIVER_ERRORS

_log = structlog.get_logger(__name__)
_RETRY_S = 1.0


async def listen(url: str, channel: str, receive: Callable[[str | None], None]) -> None:
    """Call ``receive`` with each payload notified on ``channel``, until cancelled.

    ``receive(None)`` follows every (re)connection: what was notified before is unknown, so look for yourself.
    """
    while True:
        try:
            await _listen_once(url, channel, receive)
        except DRIVER_ERRORS as error:
            _log.warning("listener_disconnected", channel=channel, error=type(error).__name__)
        await asyncio.sleep(_RETRY_S)


async def _listen_once(url: str, channel: str, receive: Callable[[str | None], None]) -> None:
    def on_notify(_connection: Any, _pid: int, _channel: str, payload: str) -> None:
        receive(payload)

    closed = asyncio.Event()
    settings = {"application_name": f"{channel} listener"}
    connection = await asyncpg.connect(url, timeout=5, server_settings=settings)
    try:
        connection.add_termination_listener(lambda _: closed.set())
        await connection.add_listener(channel, on_notify)
        receive(None)
        await closed.wait()
    finally:
        connection.terminate()
