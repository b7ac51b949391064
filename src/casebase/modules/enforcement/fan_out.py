"""The listener on ``enforcement_events_channel``: tells webhooks, alerts and workers what happened to cases."""

from __future__ import annotations

from casebase.kernel.jobs import JobContext

_BATCH = 100


async def fan_out(context: JobContext) -> None:
    """Empty the outbox in short batches; each event is told once, however many workers listen."""
    while (await context.session.call("fan_out_enforcement_events", {"batch_limit": _BATCH}))["is_more"]:
        pass
