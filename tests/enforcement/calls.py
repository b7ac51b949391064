"""Calls to plaintiffs: what the tests of the call desk, its rule and its outreach share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from tests.support.rows import all_rows

PLAINTIFF_PHONE = "+12125550123"


def in_days(days: float) -> str:
    """An instant so many days from now, which may be less than none."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@asynccontextmanager
async def later(api_url: str, **span: float) -> AsyncIterator[Session]:
    """The service, some time from now."""
    async with await Database.connect(api_url, clock_offset=timedelta(**span)) as api:
        yield api.session(SERVICE)


async def refused_call(
    owner: asyncpg.Connection, session: Session, function: str, arguments: Mapping[str, Any]
) -> RpcError:
    """Call what must be refused; return the refusal, having seen that no row of any table changed."""
    before = await all_rows(owner)
    with pytest.raises(RpcError) as refused:
        await session.call(function, arguments)
    assert await all_rows(owner) == before
    return refused.value


async def use_utc(owner: asyncpg.Connection, tenant_id: UUID, **settings: Any) -> None:
    """Let a tenant's days be UTC's, and set whatever else its ``settings`` shall be."""
    values = {"time_zone": "UTC", **settings}
    columns = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(2, len(values) + 2))
    await owner.execute(
        f"insert into enforcement.settings (tenant_id, {columns}) values ($1, {places})",
        tenant_id,
        *values.values(),
    )


async def add_attempts(
    owner: asyncpg.Connection, plaintiff_id: UUID, days_ago: Mapping[int, str] | list[int]
) -> None:
    """Write that a plaintiff was called so many days ago, each with its outcome (without one: no answer)."""
    outcomes = days_ago if isinstance(days_ago, Mapping) else None
    for days in days_ago:
        await owner.execute(
            """
            insert into plaintiff_call_attempts (tenant_id, plaintiff_id, outcome, is_conversation, called_at, called_by)
            select p.tenant_id, p.id, o.outcome, o.is_conversation, now() - make_interval(days => $2), 'test'
            from plaintiffs p, enforcement.call_outcomes o where p.id = $1 and o.outcome = $3
            """,
            plaintiff_id,
            days,
            outcomes[days] if outcomes else "no_answer",
        )


async def add_call(
    owner: asyncpg.Connection,
    plaintiff_id: UUID,
    *,
    case_id: str | None = None,
    due_in: timedelta = timedelta(),
) -> str:
    """Write an open call task."""
    return str(
        await owner.fetchval(
            """
            insert into plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, due_at, created_by)
            select p.tenant_id, p.id, $2::uuid, 'call', 'Call the plaintiff', now() + $3::interval, 'test'
            from plaintiffs p where p.id = $1 returning id
            """,
            plaintiff_id,
            case_id,
            due_in,
        )
    )


async def add_phone(owner: asyncpg.Connection, plaintiff_id: UUID, value: str = PLAINTIFF_PHONE) -> None:
    """Write a plaintiff's telephone number."""
    await owner.execute(
        """
        insert into enrichment.contacts (tenant_id, plaintiff_id, kind, value, value_key, sources)
        select p.tenant_id, p.id, 'phone', $2, $2, array['test'] from plaintiffs p where p.id = $1
        """,
        plaintiff_id,
        value,
    )


async def messages(owner: asyncpg.Connection, queue: str) -> list[dict[str, Any]]:
    """The payloads that wait in a queue."""
    return [
        json.loads(row[0]) for row in await owner.fetch(f"select message from pgmq.q_{queue} order by msg_id")
    ]
