"""The module's jobs: compute the advice, remove the files of erased cases, remind staff of what is due."""

from __future__ import annotations

from datetime import date

from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Completion, Job, JobContext
from casebase.modules.mortgage.advice import advise
from casebase.modules.mortgage.facts import AdviceFacts
from casebase.modules.mortgage.inputs import AdviceInputs

_REMINDER_BATCH = 100
_TAG_BATCH = 200


async def calculate(job: Job, context: JobContext) -> Completion | None:
    """Advise on ``{case_id, input_version}``; the result is saved in the transaction that ends the job.

    Running it again changes nothing: equal inputs and facts have an equal hash, which a case keeps once. A case whose
    consent has ended in the meantime is not advised on any more.
    """
    case = {"case_id": job.payload["case_id"], "input_version": job.payload["input_version"]}
    try:
        given = await context.session.call("get_calculation_inputs", case)
    except RpcError as refused:
        if refused.code == "consent_ended":
            return None
        raise
    facts = AdviceFacts.from_rows(given["facts"], on=date.fromisoformat(given["on"]))
    advice = advise(AdviceInputs.model_validate(given["inputs"]), facts)
    return Completion(
        function="mortgage.save_calculation",
        arguments={**case, "advice": advice.public_json(), "record": advice.private_json()},
    )


async def remove_file(job: Job, context: JobContext) -> None:
    """Delete the file at ``{path}``; one that is gone already is fine, so a repeated job does no harm."""
    await context.runtime.files.delete(job.payload["path"])


async def remind(_job: Job, context: JobContext) -> None:
    """Send all reminders and alerts that are due, each once, in short batches."""
    while (await context.session.call("send_case_reminders", {"batch_limit": _REMINDER_BATCH}))["is_more"]:
        pass


async def refresh_tags(_job: Job, context: JobContext) -> None:
    """Apply the heuristics to every case for which a term has ended, in short batches."""
    while await context.session.call("refresh_scenario_tags", {"batch_limit": _TAG_BATCH}) == _TAG_BATCH:
        pass
