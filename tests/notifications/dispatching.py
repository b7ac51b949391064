"""What tests of the dispatch have in common: something to send, a worker, and the receivers of what it sends."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.support.receiver import Received, Receiver

QUEUE = "notifications_dispatch"
SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgbG9uZyBlbm91Z2g="


def to_webhook(hook: Receiver) -> dict[str, str]:
    """The settings of a sender that posts to a receiver."""
    return {"push_webhook_url": hook.url, "push_webhook_secret": SECRET}


TO_APPRISE = {"push_urls": "json://127.0.0.1:9/{user_id}"}
"""The settings of a sender that fails each job where Apprise is not installed."""


def uninstall_apprise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the process one that lacks the extra ``alerts``."""
    monkeypatch.setitem(sys.modules, "apprise", None)


async def work(runtime: Runtime) -> None:
    """Run the dispatch jobs until none is due."""
    await Worker(runtime, [QUEUE]).drain()


async def retry_at_once(owner: asyncpg.Connection) -> None:
    """Take the delay from what is tried again."""
    await owner.execute("update casebase.queues set backoff_s = 0 where name = $1", QUEUE)


async def make_due(owner: asyncpg.Connection) -> None:
    """Let what waits for a later time be due now."""
    await owner.execute("update pgmq.q_notifications_dispatch set vt = clock_timestamp()")


async def notification(owner: asyncpg.Connection, user_id: UUID | None = None) -> Any:
    """Return the one notification, or somebody's."""
    [row] = await owner.fetch(
        "select * from scenario_notifications where user_id = coalesce($1, user_id)", user_id
    )
    return row


async def job_count(owner: asyncpg.Connection) -> int:
    """How many dispatch jobs there are."""
    count: int = await owner.fetchval("select count(*) from pgmq.q_notifications_dispatch")
    return count


async def register(owner: asyncpg.Connection, user_id: UUID, *tokens: str) -> None:
    """Register devices long before anything is sent."""
    await owner.executemany(
        "insert into device_tokens (user_id, token, platform, last_seen_at) values ($1, $2, 'android', '2026-01-01')",
        [(user_id, token) for token in tokens],
    )


async def live_tokens(owner: asyncpg.Connection) -> list[str]:
    """The tokens that are not revoked."""
    rows = await owner.fetch("select token from device_tokens where revoked_at is null order by token")
    return [row[0] for row in rows]


def effects(received: list[Received]) -> Counter[str]:
    """What an idempotent receiver makes of its requests: of equal keys one effect."""
    return Counter({request.headers["idempotency-key"] for request in received})
