"""Signed webhooks: the endpoints they go to and the log of what was sent; ``outbound`` sends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from casebase.kernel.db import DRIVER_ERRORS, Database, translate

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
