"""The names of tenants' customers, kept in memory for a few minutes so that each scan need not read them again."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from casebase.kernel.db import Session
from casebase.modules.frontdesk.phi.names import KnownNames

_TTL_S: Final = 300
_CAPACITY: Final = 250_000
"""Names of all tenants together: some 250 MB at most."""
_PAGE: Final = 5000


@dataclass(frozen=True, slots=True)
class _Kept:
    names: KnownNames
    count: int
    until: float


class _Whose(NamedTuple):
    """Whose customers, and whether those are among them who only ordered: not everybody who scans may read orders."""

    tenant_id: UUID
    with_orders: bool


class CustomerNames:
    """Read a tenant's names when somebody scans for it; those that were asked for longest ago go first.

    They are kept in this process only, and a tenant's are never looked for in another's texts. Who became a customer
    within the last ``ttl_s`` seconds may not be known yet, and who was erased may be known for as long.
    """

    def __init__(self, session: Session, *, ttl_s: float = _TTL_S, capacity: int = _CAPACITY) -> None:
        self._session = session
        self._ttl_s = ttl_s
        self._capacity = capacity
        self._kept: OrderedDict[_Whose, _Kept] = OrderedDict()
        self._reading: dict[_Whose, asyncio.Task[KnownNames]] = {}

    async def of(self, tenant_id: UUID, *, with_orders: bool) -> KnownNames:
        """Return the names of a tenant's customers: those who booked, and ``with_orders`` those who only ordered."""
        whose = _Whose(tenant_id, with_orders)
        kept = self._kept.get(whose)
        if kept is not None and time.monotonic() < kept.until:
            self._kept.move_to_end(whose)
            return kept.names
        reading = self._reading.get(whose)
        if reading is None:
            reading = self._reading[whose] = asyncio.create_task(self._read(whose))
            reading.add_done_callback(lambda _: self._reading.pop(whose))
        # Shared by all who wait for it, so none of them may cancel it for the others.
        return await asyncio.shield(reading)

    async def close(self) -> None:
        """End what is being read."""
        reading = list(self._reading.values())
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)

    async def _read(self, whose: _Whose) -> KnownNames:
        names: list[str] = []
        after: str | None = None
        while True:
            page = await self._session.call(
                "list_customer_names", {"tenant_id": whose.tenant_id, "after": after, "page_size": _PAGE}
            )
            names += page["names" if whose.with_orders else "booked_names"]
            after = page["next_after"]
            if after is None:
                break
        known = await asyncio.to_thread(KnownNames, names)
        self._kept[whose] = _Kept(known, len(names), time.monotonic() + self._ttl_s)
        self._kept.move_to_end(whose)
        while len(self._kept) > 1 and sum(kept.count for kept in self._kept.values()) > self._capacity:
            self._kept.popitem(last=False)
        return known
