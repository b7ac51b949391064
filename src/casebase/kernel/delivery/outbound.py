"""The job that sends a webhook, by Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from standardwebhooks.webhooks import Webhook

from casebase.kernel.delivery.egress import EgressError, post
from casebase.kernel.jobs.queue import Completion, Job, JobContext


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """What is posted: the same bytes and the same id at every attempt. Without a repr, as it holds secrets."""

    message_id: UUID
    url: str
    body: str
    secrets: list[str]
    is_enabled: bool

    def headers(self, now: datetime) -> dict[str, str]:
        """Return the headers of an attempt, signed with every secret that is valid."""
        return signed_headers(self.message_id, self.body, self.secrets, now)


def signed_headers(message_id: UUID, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the headers that ``body`` is posted with, signed with each of ``secrets``; a repeat has the same id."""
    signatures = (Webhook(secret).sign(str(message_id), now, body) for secret in secrets)
    return {
        "content-type": "application/json",
        "user-agent": "casebase-webhooks",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def deliver(job: Job, context: JobContext) -> Completion | None:
    """Post one delivery and say how it ended; the log, and the next attempt if there is one, come with that."""
    delivery_id, redelivery = job.payload["delivery_id"], job.payload["redelivery"]
    message = await _find(context, delivery_id, redelivery)
    if message is None:
        return None  # delivered by another, asked for anew, or its endpoint was removed
    status_code, error = await _attempt(message, context)
    return Completion(
        "casebase.settle_webhook_delivery",
        {"delivery_id": delivery_id, "redelivery": redelivery, "status_code": status_code, "error": error},
    )


async def _find(context: JobContext, delivery_id: str, redelivery: int) -> Message | None:
    statement = "select * from casebase.get_webhook_delivery($1, $2)"
    row = await context.runtime.database.pool.fetchrow(statement, delivery_id, redelivery)
    return Message(*row) if row else None


async def _attempt(message: Message, context: JobContext) -> tuple[int | None, str | None]:
    """Return the answer's status, and a code for what was wrong."""
    if not message.is_enabled:
        return None, "endpoint_disabled"
    runtime = context.runtime
    try:
        status = await post(
            message.url,
            message.body.encode(),
            message.headers(runtime.clock.now()),
            allow_private=runtime.settings.webhook_allow_private,
        )
    except EgressError as error:
        return None, error.code
    match status:
        case _ if 200 <= status < 300:
            return status, None
        case _ if 300 <= status < 400:
            return status, "redirect_refused"
        case 410:
            return status, "endpoint_gone"
        case _:
            return status, "status_not_ok"
