"""A Redis of the test's own."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.requires import program
from tests.support.waiting import PATIENCE_S


async def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start a Redis that keeps nothing on disk, and wait until it answers."""
    from redis.asyncio import Redis
    from redis.exceptions import ConnectionError as RedisConnectionError

    command = [
        program("redis"),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        async with Redis.from_url(f"redis://127.0.0.1:{port}/0") as client, asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await client.ping()
                except RedisConnectionError:
                    await asyncio.sleep(0.02)
                else:
                    return process
    except BaseException:
        stop_redis(process)
        raise


def stop_redis(process: subprocess.Popen[bytes]) -> None:
    """Kill a Redis, with all it holds."""
    process.kill()
    process.wait()


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[tuple[str, subprocess.Popen[bytes]]]:
    """The URL of a Redis that answers, and its process."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = await start_redis(port, tmp_path)
    yield f"redis://127.0.0.1:{port}/0", process
    stop_redis(process)
