"""The enforce worker: opens the actions that a tier's playbook names, as a case's stage comes to them."""

from __future__ import annotations

from casebase.kernel.jobs import Job, JobContext

_BATCH = 500


async def open_actions(job: Job, context: JobContext) -> None:
    """Open what is due for ``{case_id}``, for the cases of ``{tenant_id}``, or for all.

    Running it again changes nothing: a case has each action once.
    """
    if case_id := job.payload.get("case_id"):
        while await context.session.call("open_next_enforcement_action", {"case_id": case_id}) is not None:
            pass
        return
    after = None
    while True:
        page = {"tenant_id": job.payload.get("tenant_id"), "after": after, "batch_limit": _BATCH}
        after = (await context.session.call("open_due_enforcement_actions", page))["after"]
        if after is None:
            return
