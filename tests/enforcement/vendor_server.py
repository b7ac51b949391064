"""A vendor on loopback that answers as a test says, and keeps what it was asked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.receiver import Received, Receiver, receiver


@dataclass
class VendorServer:
    """The vendor; ``status`` and ``body`` are its next answers, a status of None is none."""

    hook: Receiver
    status: int | None = 200
    body: Any = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hook.port}/debtors"

    @property
    def asked(self) -> list[Received]:
        """The requests so far."""
        return self.hook.received


@contextlib.asynccontextmanager
async def vendor_server() -> AsyncIterator[VendorServer]:
    """Run a vendor beside the block; until told otherwise it knows nothing."""
    async with receiver() as hook:
        vendor = VendorServer(hook)
        hook.answer = lambda _: vendor.status
        hook.body = lambda _: (
            vendor.body if isinstance(vendor.body, bytes) else json.dumps(vendor.body).encode()
        )
        yield vendor
