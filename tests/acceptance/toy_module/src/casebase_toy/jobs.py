"""The module's job."""

from __future__ import annotations

from casebase.kernel.jobs import Completion, Job, JobContext


async def greet(job: Job, context: JobContext) -> Completion | None:
    """Write the greeting of ``{id, name}``."""
    if job.payload["id"] is None:
        return None
    text = f"Hello, {job.payload['name']}!"
    return Completion("toy.save_greeting", {"id": job.payload["id"], "text": text})
