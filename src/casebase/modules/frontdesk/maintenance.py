"""What the front desk does by itself: one queue, whose jobs name their task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from casebase.kernel.errors import InvalidInputError
from casebase.kernel.jobs import Job, JobContext
from casebase.modules.frontdesk import metrics_archive

_ROLL_UP_BATCH: Final = 500
_HOLDS_BATCH: Final = 500
_MOVING_S: Final = 1800.0
"""For one month's rows, if they came before their partition, as imported years do: nobody waits for it."""

Task = Callable[[JobContext], Awaitable[None]]


async def expire_holds(context: JobContext) -> None:
    """Give the places of holds that ran out back, a batch a transaction."""
    while await context.session.call("expire_holds", {"batch_limit": _HOLDS_BATCH}) >= _HOLDS_BATCH:
        pass


async def roll_up_metrics(context: JobContext) -> None:
    """Count anew the hours and days that metrics were added to, a batch a transaction."""
    while (await context.session.call("roll_up_metrics", {"batch_limit": _ROLL_UP_BATCH}))["is_more"]:
        pass


async def keep_metrics(context: JobContext) -> None:
    """Make the months ahead, and those of rows that came for one without a partition; export what had its time."""
    while (await context.session.call("maintain_metric_partitions", timeout_s=_MOVING_S))["is_more"]:
        pass
    await metrics_archive.retire_months(context)


TASKS: Final[Mapping[str, Task]] = {
    "expire_holds": expire_holds,
    "roll_up_metrics": roll_up_metrics,
    "keep_metrics": keep_metrics,
}
"""What a payload's ``task`` may name. Each can be killed and run again, and several may run at once."""


async def run(job: Job, context: JobContext) -> None:
    """Do the task that the payload names."""
    task = TASKS.get(job.payload.get("task", ""))
    if task is None:
        raise InvalidInputError("The payload's 'task' names no task of the front desk.")
    await task(context)
