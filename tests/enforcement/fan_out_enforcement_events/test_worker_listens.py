"""A worker tells of events as they come, and of those whose notification it never got."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement import MODULE
from tests.enforcement.conftest import OpenCase
from tests.support.waiting import eventually

LISTENERS = """
    select pid from pg_stat_activity where datname = current_database()
    and application_name = 'enforcement_events_channel listener' and query like 'LISTEN%'
"""


@pytest.fixture
async def working(owner: asyncpg.Connection, runtime: Runtime) -> AsyncIterator[None]:
    """A worker that polls once an hour, from when it listens."""
    listeners = tuple(dataclasses.replace(listener, poll_s=3600) for listener in MODULE.listeners)
    module = dataclasses.replace(MODULE, listeners=listeners, jobs=())
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(dataclasses.replace(runtime, modules=(module,))).run(stop))
    with contextlib.ExitStack() as ended:
        ended.callback(stop.set)
        await eventually(lambda: owner.fetch(LISTENERS))
        yield
    await worker


async def log(service: Session, case_id: str) -> None:
    await service.call("log_enforcement_event", {"payload": {"case_id": case_id, "event_kind": "note"}})


async def all_told(owner: asyncpg.Connection) -> None:
    async def is_empty() -> bool:
        return not await owner.fetchval("select count(*) from enforcement.event_outbox")

    await eventually(is_empty)


@pytest.mark.usefixtures("working")
async def test_an_event_is_told_as_it_comes(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    await log(service, await open_case())
    await all_told(owner)


@pytest.mark.usefixtures("working")
async def test_an_event_while_nobody_listened_is_told_too(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    for row in await owner.fetch(LISTENERS):
        await owner.execute("select pg_terminate_backend($1)", row["pid"])
    await log(service, case_id)
    await all_told(owner)
