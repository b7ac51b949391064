"""The module's job: compute the advice on one version of a case's inputs."""

from __future__ import annotations

from datetime import date

from casebase.kernel.jobs import Completion, Job, JobContext
from casebase.modules.mortgage.advice import advise
from casebase.modules.mortgage.facts import AdviceFacts
from casebase.modules.mortgage.inputs import AdviceInputs


async def calculate(job: Job, context: JobContext) -> Completion:
    """Advise on ``{case_id, input_version}``; the result is saved in the transaction that ends the job.

    Running it again changes nothing: equal inputs and facts have an equal hash, which a case keeps once.
    """
    case = {"case_id": job.payload["case_id"], "input_version": job.payload["input_version"]}
    given = await context.session.call("get_calculation_inputs", case)
    facts = AdviceFacts.from_rows(given["facts"], on=date.fromisoformat(given["on"]))
    advice = advise(AdviceInputs.model_validate(given["inputs"]), facts)
    return Completion(
        function="mortgage.save_calculation",
        arguments={**case, "advice": advice.public_json(), "record": advice.private_json()},
    )
