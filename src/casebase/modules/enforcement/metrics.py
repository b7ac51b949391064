"""The jobs of the module's figures: the nightly refresh, and the folding of counts that keeps boards quick."""

from __future__ import annotations

from casebase.kernel.jobs import Job, JobContext

# A few seconds each at most: whoever works on a case meanwhile waits no longer than that.
_BATCH = 10_000


async def keep(job: Job, context: JobContext) -> None:
    """Refresh all cases' tiers, next actions and alerts where ``{"is_refresh": true}``; else fold the counts only."""
    if not job.payload.get("is_refresh"):
        await context.session.call("fold_enforcement_counts")
        return
    while (await context.session.call("refresh_enforcement_metrics", {"batch_limit": _BATCH}))["is_more"]:
        pass
