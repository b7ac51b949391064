"""The jobs of the queue ``casebase_monitoring``, each one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casebase.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from casebase.kernel.jobs import Job, JobContext

_STATEMENTS: Final = {
    "evaluate_alerts": "select casebase.evaluate_alerts()",
    "sample_tables": "select casebase.sample_tables()",
}


async def run(job: Job, context: JobContext) -> None:
    """Evaluate the alert rules, or sample the tables, as the payload's ``task`` says."""
    statement = _STATEMENTS.get(job.payload.get("task", ""))
    if statement is None:
        raise InvalidInputError("The payload's 'task' names nothing that monitoring does.")
    await context.runtime.database.pool.fetchval(statement)
