"""What can be booked on a day, read from the cache while nothing of that day was written."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog

from casebase.kernel.cache import Cache
from casebase.kernel.db import Database, Principal

_log = structlog.get_logger(__name__)


class Availability:
    """Read days of tenants' desks, each from the cache while its version stays.

    The version is asked for each time, as the caller: it refuses who may not read, and grows in the transaction of
    every change. So a reply is never older than the last commit before the call. Bookings never look in here.
    """

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._cache = cache

    async def on(self, principal: Principal, tenant_id: UUID | None, on_date: date) -> str:
        """Return the JSON of ``list_available_slots``; raise its refusals."""
        current = await self._ask(
            principal, "get_availability_version", {"tenant_id": tenant_id, "on_date": on_date}
        )
        version = json.loads(current)
        asked = {"tenant_id": version["tenant_id"], "on_date": version["on_date"]}
        key = ":".join(
            ["frontdesk.availability", *asked.values(), version["time_zone"], str(version["version"])]
        )
        # By the database's clock, as other processes kept it by theirs.
        kept = await self._cache.get(key)
        if kept and (body := _fresh(kept, version["now"])):
            return body
        # What was written meanwhile is kept under the older version, which nobody will ask for again.
        body = await self._ask(principal, "list_available_slots", asked)
        await self._cache.put(key, f"{json.loads(body)['fresh_until']}\n{body}")
        return body

    async def _ask(self, principal: Principal, function: str, arguments: dict[str, Any]) -> str:
        reply = await self._database.rpc(principal, function, json.dumps(arguments, default=str))
        return reply.body or "null"


def _fresh(kept: str, now: str) -> str:
    """Return what was kept while it holds; nothing once it does not, or where it cannot be read."""
    fresh_until, _, body = kept.partition("\n")
    try:
        return body if datetime.fromisoformat(fresh_until) > datetime.fromisoformat(now) else ""
    except (ValueError, TypeError) as error:  # the latter of a time without its zone
        _log.warning("cached_availability_unreadable", error_type=type(error).__name__)
        return ""
