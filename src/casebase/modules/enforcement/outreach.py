"""The outreach worker: plan the calls that are due, by tier and by how the last call ended."""

from __future__ import annotations

from casebase.kernel.jobs import Completion, Job, JobContext


async def plan_calls(job: Job, _context: JobContext) -> Completion:
    """Plan the calls of the tenant, or of the one case, that the job names; a job without a tenant queues all tenants'.

    What is planned is written in the transaction that ends the job, so a repeated job plans nothing twice.
    """
    if "tenant_id" not in job.payload:
        return Completion(function="enforcement.queue_outreach")
    named: dict[str, object] = {
        field: job.payload[field] for field in ("tenant_id", "case_id") if field in job.payload
    }
    return Completion(function="enforcement.plan_outreach", arguments=named)
