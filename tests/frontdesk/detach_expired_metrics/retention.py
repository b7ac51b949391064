"""The front desk's jobs that retire months of metrics, run once."""

from __future__ import annotations

from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk.maintenance import run
from tests.frontdesk.conftest import TODAY


async def keep(runtime: Runtime) -> None:
    job = Job("frontdesk_maintenance", 1, 1, {"task": "keep_metrics"}, TODAY)
    await run(job, JobContext(runtime, runtime.session()))


async def count(runtime: Runtime) -> None:
    job = Job("frontdesk_maintenance", 1, 1, {"task": "roll_up_metrics"}, TODAY)
    await run(job, JobContext(runtime, runtime.session()))
