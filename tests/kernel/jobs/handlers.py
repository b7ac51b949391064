"""The toy module whose jobs the tests run; its SQL is in ``conftest.py``."""

from __future__ import annotations

import asyncio
import os

from pydantic import TypeAdapter

from casebase.kernel.jobs import Completion, Job, JobContext
from casebase.kernel.module import JobHandler, Listener, Module

WORK = "toy_work"
CHANNEL = "toy_channel"
LISTENER = Listener(CHANNEL, "tests.kernel.jobs.handlers:empty_outbox", poll_s=3600)
TOY = Module(
    name="toy",
    package="tests.kernel.jobs",
    title="Toy",
    jobs=(JobHandler(WORK, "tests.kernel.jobs.handlers:work", max_attempts=3, timeout_s=60, concurrency=4),),
)


async def work(job: Job, context: JobContext) -> Completion | None:
    """Note the start, wait for the gate if the payload names one, then do what the payload says."""
    pool = context.runtime.database.pool
    await pool.execute("insert into toy.starts values ($1, $2, $3)", job.msg_id, job.read_ct, os.getpid())
    if gate := job.payload.get("gate"):
        await pool.fetchval("select pg_advisory_xact_lock_shared($1)", gate)
    match job.payload.get("do", "record"):
        case "raise":
            raise ValueError("no reply from jane.tan@example.com, +65 9123 4567")
        case "misread":
            TypeAdapter(dict[str, int]).validate_python({"age": "Rachel Tan"})
        case "raise garbage":
            raise ValueError("\0\ud800")
        case "cancel":
            raise asyncio.CancelledError
        case "nothing":
            return None
        case "sleep":
            await asyncio.sleep(3600)
    return Completion(
        "toy." + job.payload.get("function", "record"), {"msg_id": job.msg_id, "read_ct": job.read_ct}
    )


async def empty_outbox(context: JobContext) -> None:
    """Tell what waits in the outbox, once each, and look at the next; a poisoned row fails the whole look."""
    while await context.runtime.database.pool.fetchval("select toy.tell()"):
        pass
