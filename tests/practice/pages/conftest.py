"""The console over the test's database, its administrators, and a log to look at."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.enforcement.pages.conftest import SignIn, address, app, signed_in

__all__ = ["SignIn", "address", "app", "signed_in"]

ROOT = "/console/practice"

Happened = Callable[..., Awaitable[None]]


@pytest.fixture
async def admin(signed_in: SignIn) -> httpx.AsyncClient:
    """An administrator of the installation."""
    return await signed_in("admin")


@pytest.fixture
def happened(owner: asyncpg.Connection) -> Happened:
    """Put an event of some time ago into the log."""

    async def put(
        event_type: str,
        level: str = "info",
        *,
        ago: timedelta = timedelta(),
        user_key: str | None = None,
        **measures: Any,
    ) -> None:
        await owner.execute(
            "insert into public.logs (level, event_type, user_key, metadata, created_at) "
            "values ($1, $2, $3, $4, $5)",
            level,
            event_type,
            user_key,
            json.dumps(measures),
            datetime.now(UTC) - ago,
        )

    return put
