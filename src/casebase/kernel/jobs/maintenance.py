"""Delete what has expired, in batches that no caller waits for."""

from __future__ import annotations

from typing import Final

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.jobs.queue import Job, JobContext

_BATCH_SIZE = 1000
_STATEMENTS: Final = {
    "idempotency_keys": "select casebase.purge_idempotency_keys($1)",
    "job_records": "select casebase.purge_job_records($1)",
    "webhook_deliveries": "select casebase.purge_webhook_deliveries($1)",
    "monitoring": "select casebase.purge_monitoring($1)",
}


async def run(job: Job, context: JobContext) -> None:
    """Delete expired rows batch by batch, each in its own transaction, until a batch is not full."""
    statement = _STATEMENTS.get(job.payload.get("purge", ""))
    if statement is None:
        raise InvalidInputError("The payload's 'purge' names no kind of rows that is purged.")
    while await context.runtime.database.pool.fetchval(statement, _BATCH_SIZE) >= _BATCH_SIZE:
        pass
