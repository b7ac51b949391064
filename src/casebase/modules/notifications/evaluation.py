"""The evaluation's jobs: a tick of a schedule queues one for each organisation, and they take turns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import Any, Final

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Completion, Job, JobContext

TURN_S: Final = 10.0
"""How long an evaluation has its lane; its rest then waits behind the others, so no large organisation delays any."""

WAIT_S: Final = 1
"""How long an evaluation keeps a lane while another engine of its organisation is at work, before it is seen later."""

_BATCH_LIMIT: Final = 100_000
"""The most there may be: an organisation's own ``batch_size`` is the smaller."""


async def in_batches(session: Session, payload: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Evaluate an organisation, each batch a transaction of its own; yield what ``evaluate_scenarios`` says of each.

    Goes on behind the last committed batch of ``run_key``; a dry run begins anew.
    """
    asked = {**payload, "limit": _BATCH_LIMIT}
    is_more = True
    while is_more:
        batch: dict[str, Any] = await session.call("evaluate_scenarios", {"payload": asked})
        yield batch
        is_more = batch["is_more"]
        if payload.get("dry_run"):
            asked["cursor"] = batch["cursor"]


async def evaluate(job: Job, context: JobContext) -> Completion | None:
    """Evaluate the organisation that the job names; a job without one queues those of all.

    A job that is started again goes on where its ``run_key`` stopped. While another engine is at work on the
    organisation the job goes behind the others, as no lane is for waiting.
    """
    if "organization_id" not in job.payload:
        return Completion("notifications.queue_scenario_evaluations", job.payload)
    later = Completion("notifications.queue_rest_of_evaluation", job.payload)
    ends_at = monotonic() + TURN_S
    try:
        async for batch in in_batches(context.session, {**job.payload, "wait_s": WAIT_S}):
            if batch["is_more"] and monotonic() >= ends_at:
                return later
    except RpcError as error:
        if error.code != "evaluation_under_way":
            raise
        return later
    return None
