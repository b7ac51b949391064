"""Signed webhooks, by Standard Webhooks: the endpoints, the delivery log, and the job that delivers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from standardwebhooks.webhooks import Webhook

from casebase.kernel.db import DRIVER_ERRORS, Database, translate
from casebase.kernel.delivery.egress import EgressError, post
from casebase.kernel.jobs.queue import Completion, Job, JobContext

DeliveryStatus = Literal["pending", "delivered", "failed"]
QUEUE = "casebase_webhooks"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """An address that a tenant's events are sent to, without its secret."""

    endpoint_id: UUID
    tenant: str
    url: str
    event_types: list[str]
    description: str
    is_enabled: bool
    disabled_reason: str | None
    previous_secret_until: datetime | None
    pending: int
    failed: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One event on its way to one endpoint, and how its last attempt ended."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    event_id: UUID
    event_type: str
    subject_id: UUID
    status: DeliveryStatus
    attempts: int
    redeliveries: int
    last_status_code: int | None
    last_error: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    delivered_at: datetime | None


class Webhooks:
    """Call the webhook functions; every method raises what ``kernel.db.translate`` makes of a database error."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool

    async def add(
        self, url: str, event_types: Sequence[str] = ("*",), *, tenant: str = "default", description: str = ""
    ) -> tuple[UUID, str]:
        """Make an endpoint; return its id and its signing secret, which is shown this once."""
        statement = "select casebase.create_webhook_endpoint($1, $2, $3, $4)"
        made = json.loads(await self._value(statement, tenant, url, list(event_types), description))
        return UUID(made["endpoint_id"]), made["secret"]

    async def list_endpoints(self) -> list[WebhookEndpoint]:
        """Return every endpoint, by tenant."""
        rows = await self._rows("select * from casebase.list_webhook_endpoints()")
        return [WebhookEndpoint(*row) for row in rows]

    async def remove(self, endpoint_id: UUID) -> int:
        """Delete an endpoint with its delivery log and return how many deliveries were in it."""
        count: int = await self._value("select casebase.remove_webhook_endpoint($1)", endpoint_id)
        return count

    async def enable(self, endpoint_id: UUID, is_enabled: bool = True) -> None:
        """Send events to an endpoint again, or stop; what happens while it is off is not sent later."""
        await self._value("select casebase.enable_webhook_endpoint($1, $2)", endpoint_id, is_enabled)

    async def rotate(self, endpoint_id: UUID, overlap: timedelta = timedelta(days=1)) -> str:
        """Return a new signing secret, shown this once; the one before signs too until ``overlap`` is over."""
        statement = "select casebase.rotate_webhook_secret($1, $2)"
        secret: str = json.loads(await self._value(statement, endpoint_id, overlap))["secret"]
        return secret

    async def list_deliveries(
        self,
        *,
        endpoint_id: UUID | None = None,
        status: DeliveryStatus | None = None,
        delivery_id: UUID | None = None,
        max_rows: int = 50,
    ) -> list[WebhookDelivery]:
        """Return the latest deliveries first, of an endpoint, of a status, or one of them."""
        statement = "select * from casebase.list_webhook_deliveries(null, $1, $2, $3, $4)"
        rows = await self._rows(statement, endpoint_id, status, delivery_id, max_rows)
        return [WebhookDelivery(*row) for row in rows]

    async def redeliver(
        self, delivery_ids: Sequence[UUID] | None = None, *, endpoint_id: UUID | None = None
    ) -> list[UUID]:
        """Send deliveries, or all failed ones of an endpoint, again with the ids they had; return which."""
        statement = "select * from casebase.redeliver_webhooks($1, $2)"
        return [row[0] for row in await self._rows(statement, delivery_ids, endpoint_id)]

    async def send_test(self, endpoint_id: UUID) -> UUID:
        """Queue an event ``casebase.test`` for an endpoint and return the delivery's id."""
        delivery_id: UUID = await self._value("select casebase.send_test_webhook($1)", endpoint_id)
        return delivery_id

    async def message(self, delivery_id: UUID, redelivery: int) -> Message | None:
        """Return what a pending delivery sends; ``None`` when there is nothing left to do."""
        rows = await self._rows(
            "select * from casebase.get_webhook_delivery($1, $2)", delivery_id, redelivery
        )
        return Message(*rows[0]) if rows else None

    async def _value(self, statement: str, *arguments: object) -> Any:
        try:
            return await self._pool.fetchval(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error

    async def _rows(self, statement: str, *arguments: object) -> list[Any]:
        try:
            rows: list[Any] = await self._pool.fetch(statement, *arguments)
        except DRIVER_ERRORS as error:
            raise translate(error) from error
        return rows


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
        signatures = (Webhook(secret).sign(str(self.message_id), now, self.body) for secret in self.secrets)
        return {
            "content-type": "application/json",
            "user-agent": "casebase-webhooks",
            "webhook-id": str(self.message_id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


async def deliver(job: Job, context: JobContext) -> Completion | None:
    """Post one delivery and say how it ended; the log, and the next attempt if there is one, come with that."""
    delivery_id, redelivery = job.payload["delivery_id"], job.payload["redelivery"]
    message = await Webhooks(context.runtime.database).message(delivery_id, redelivery)
    if message is None:
        return None  # delivered by another, asked for anew, or its endpoint was removed
    status_code, error = await _attempt(message, context)
    return Completion(
        "casebase.settle_webhook_delivery",
        {"delivery_id": delivery_id, "redelivery": redelivery, "status_code": status_code, "error": error},
    )


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
