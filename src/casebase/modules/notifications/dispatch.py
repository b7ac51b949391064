"""The dispatch jobs: send a notification, and write what became of it in the transaction that ends the job.

A worker that dies before that leaves the row pending and the job to the next one, which sends again under the same key.
"""

from __future__ import annotations

from typing import Any

from casebase.kernel.db import Session
from casebase.kernel.jobs import Completion, Job, JobContext
from casebase.modules.notifications.senders import PushMessage, PushSender, SenderError, sender_of


async def dispatch(job: Job, context: JobContext) -> Completion | None:
    """Send the notification of ``{notification_id}``; ``{sweep: true}`` takes care of those that have no job."""
    if job.payload.get("sweep"):
        await _sweep(context.session)
        return None
    sender = sender_of(context.runtime.settings)
    notification_id = job.payload["notification_id"]
    opened = await context.session.call(
        "open_scenario_notification",
        {"notification_id": notification_id, "with_email": sender.wants_email},
    )
    if opened is None:
        return None  # sent or failed by now, or gone with its person
    match opened["decision"]:
        case "skip":
            result = {"outcome": "skipped", "skip_reason": opened["skip_reason"]}
        case "put_off":
            result = {"outcome": "put_off", "until": opened["until"]}
        case _:
            result = await _send(sender, PushMessage.model_validate(opened["message"]))
    return Completion("notifications.settle_dispatch", {"notification_id": notification_id, **result})


async def _send(sender: PushSender, message: PushMessage) -> dict[str, Any]:
    try:
        receipt = await sender.send(message)
    except SenderError as error:
        return {
            "outcome": "failed",
            "error_code": error.code,
            "is_final": error.is_final,
            "retry_after_s": error.retry_after_s,
        }
    revoked = {"revoked_tokens": list(receipt.revoked_tokens), "opened_at": message.opened_at.isoformat()}
    if receipt.taken == 0:
        return {"outcome": "skipped", "skip_reason": "no_device", **revoked}
    return {"outcome": "sent", **revoked}


async def _sweep(session: Session) -> None:
    while (await session.call("sweep_scenario_notifications"))["is_more"]:
        pass
