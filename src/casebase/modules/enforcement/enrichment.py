"""The enrich jobs: ask the vendor about a debtor, keep what it says, and score the judgment anew."""

from __future__ import annotations

from typing import Final

from casebase.kernel.db import Principal, Session
from casebase.kernel.jobs import Completion, Job, JobContext
from casebase.modules.enforcement import scoring
from casebase.modules.enforcement.vendor import vendor_of

_JOB: Final = Principal("service_role", claims={"client": "job"})
"""The service, as history tells it from other programs: ``automation``."""


async def enrich(job: Job, context: JobContext) -> Completion | None:
    """Enrich the judgment of ``{judgment_id}`` or ``{case_id}``; without either, queue all that is due.

    The scores are saved in the transaction that ends the job. What the vendor said is merged before: doing that again
    changes nothing, and a retry asks under the same key. Without a vendor the score rests on what is known.
    """
    named = {key: job.payload[key] for key in ("judgment_id", "case_id", "tenant_id") if job.payload.get(key)}
    session = context.runtime.session(_JOB)
    if named.keys() <= {"tenant_id"}:
        await _queue_due(named, session)
        return None
    subject = await session.call("get_enrichment_subject", {"payload": named})
    vendor = vendor_of(context.runtime.settings)
    # Nobody can be asked about a debtor without a name.
    if vendor is not None and subject["debtor"] is not None:
        bundle = await vendor.look_up(subject, request_key=f"{job.queue}-{job.msg_id}")
        await session.call(
            "upsert_enrichment_bundle",
            {"bundle": bundle.json(case_id=subject["case_id"], source=vendor.source)},
        )
        subject = await session.call("get_enrichment_subject", {"payload": named})
    scores = scoring.score(subject)
    return Completion(
        function="enforcement.save_scores",
        arguments={
            "case_id": subject["case_id"],
            "summary": scoring.summarise(subject, scores),
            **scores.json(),
        },
    )


async def _queue_due(named: dict[str, str], session: Session) -> None:
    cursor: str | None = None
    while True:
        page = await session.call(
            "queue_due_enrichment", {"payload": {**named, **({"cursor": cursor} if cursor else {})}}
        )
        cursor = page["next_cursor"]
        if cursor is None:
            return
