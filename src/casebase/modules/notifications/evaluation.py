"""The evaluation's jobs: a tick of a schedule queues one for each organisation, and they take turns."""

from __future__ import annotations

from time import monotonic
from typing import Final

from casebase.kernel.jobs import Completion, Job, JobContext

TURN_S: Final = 10.0
"""How long an evaluation has its lane; what is left then waits behind the others, so no large organisation delays any."""

BATCH_LIMIT: Final = 100_000
"""At most: what an organisation has configured is smaller."""


async def evaluate(job: Job, context: JobContext) -> Completion | None:
    """Evaluate the organisation that the job names batch by batch; a job without one queues those of all.

    Each batch is a transaction of its own. A job that is started again goes on by its ``run_key``, behind the last batch
    that was committed.
    """
    if "organization_id" not in job.payload:
        return Completion("notifications.queue_scenario_evaluations", job.payload)
    batch = {"payload": {**job.payload, "limit": BATCH_LIMIT}}
    ends_at = monotonic() + TURN_S
    while (await context.session.call("evaluate_scenarios", batch))["is_more"]:
        if monotonic() >= ends_at:
            return Completion("notifications.queue_rest_of_evaluation", job.payload)
    return None
