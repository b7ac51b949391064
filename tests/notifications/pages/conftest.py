"""The console in process and through a real server, and an administrator who is signed in to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from tests.enforcement.pages.conftest import SignIn, address, app, signed_in
from tests.notifications.conftest import Evaluate, MakeMentor

__all__ = ["SignIn", "address", "app", "signed_in"]

ROOT = "/console/notifications"


@pytest.fixture
async def admin(signed_in: SignIn) -> httpx.AsyncClient:
    """An administrator of the default organisation."""
    return await signed_in("admin")


@pytest.fixture
async def told(make_mentor: MakeMentor, evaluate: Evaluate, owner: asyncpg.Connection) -> list[UUID]:
    """Three mentors of whom each was told of a milestone and of their inactivity: sent, failed and waiting."""
    now = datetime.now(UTC)
    days = [now.date() - timedelta(days=40 + n) for n in range(12)]
    mentors = sorted([await make_mentor(days) for _ in range(3)])
    await evaluate(now=now)
    await owner.execute(
        "update scenario_notifications set delivery_status = 'sent', sent_at = triggered_at, attempts = 1, "
        "read_at = triggered_at where user_id = $1",
        mentors[0],
    )
    await owner.execute(
        "update scenario_notifications set delivery_status = 'failed', attempts = 8, "
        "skip_reason = case when scenario_type = 'inactivity' then 'no_device' end, "
        "error_code = case when scenario_type = 'milestone' then 'push_rejected' end where user_id = $1",
        mentors[1],
    )
    return mentors
