"""Delete what has had its time and begin weeks anew, in batches that nobody waits for."""

from __future__ import annotations

from typing import Final

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.jobs import Job, JobContext

BATCHES: Final = {
    "delete_expired_sessions": 500,
    "delete_old_logs": 5000,
    "reset_weekly_limits": 1000,
    "close_stale_answers": 100,
}
"""The RPCs of the cleanup, and how much one transaction of each takes in hand."""


async def run(job: Job, context: JobContext) -> None:
    """Call the RPC that the payload's ``cleanup`` names until a batch is not full.

    A batch is one transaction and finds what is due anew, so a killed job loses the batch it was at, and several at
    once share the work.
    """
    cleanup = job.payload.get("cleanup", "")
    if cleanup not in BATCHES:
        raise InvalidInputError("The payload's 'cleanup' names no cleanup of practice.")
    size = BATCHES[cleanup]
    while await context.session.call(cleanup, {"batch_limit": size}) >= size:
        pass
