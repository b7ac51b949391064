"""What tests of the rules write, and what they read: facts, decisions, notifications."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg


async def be_active(
    owner: asyncpg.Connection, user_id: UUID, *days: date, organization: str = "default"
) -> None:
    """Record activities of somebody."""
    await owner.executemany(
        """
        insert into activities (organization_id, user_id, activity_date)
        select t.id, $2, $3 from tenants t where t.slug = $1
        """,
        [(organization, user_id, day) for day in days],
    )


async def certify(owner: asyncpg.Connection, user_id: UUID, name: str, expires_on: date) -> UUID:
    """Certify somebody of the default organisation; a name that they have is renewed."""
    certification: UUID = await owner.fetchval(
        """
        insert into certifications (user_id, name, expires_on) values ($1, $2, $3)
        on conflict on constraint certifications_organization_id_user_id_name_key
            do update set expires_on = excluded.expires_on
        returning id
        """,
        user_id,
        name,
        expires_on,
    )
    return certification


async def prefer(
    owner: asyncpg.Connection,
    user_id: UUID,
    scenario_type: str,
    *,
    enabled: bool = True,
    quiet: tuple[time, time] | None = None,
    timezone: str | None = None,
) -> None:
    """Decide for somebody what they want of a scenario."""
    quiet_from, quiet_until = quiet or (None, None)
    await owner.execute(
        """
        insert into notification_preferences (user_id, scenario_type, enabled, quiet_from, quiet_until, timezone)
        values ($1, $2, $3, $4, $5, $6)
        on conflict on constraint notification_preferences_pkey do update
        set enabled = excluded.enabled, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
            timezone = excluded.timezone
        """,
        user_id,
        scenario_type,
        enabled,
        quiet_from,
        quiet_until,
        timezone,
    )


async def configure(
    owner: asyncpg.Connection,
    scenario_type: str,
    *,
    organization: str = "default",
    threshold: list[int] | None = None,
    cooldown: timedelta | None = None,
    enabled: bool = True,
    batch_size: int = 20000,
) -> None:
    """Give an organisation a rule of its own; what is not named is as by default."""
    await owner.execute(
        """
        insert into scenario_evaluation_config (organization_id, scenario_type, enabled, threshold, cooldown, batch_size)
        select t.id, d.scenario_type, $5, coalesce($3, d.threshold), coalesce($4, d.cooldown), $6
        from tenants t, notifications.scenario_defaults d where t.slug = $1 and d.scenario_type = $2
        on conflict on constraint scenario_evaluation_config_pkey do update
        set enabled = excluded.enabled, threshold = excluded.threshold, cooldown = excluded.cooldown,
            batch_size = excluded.batch_size
        """,
        organization,
        scenario_type,
        threshold,
        cooldown,
        enabled,
        batch_size,
    )


async def send_all(owner: asyncpg.Connection) -> None:
    """Have all that is pending be sent, the moment it was written."""
    await owner.execute(
        "update scenario_notifications set delivery_status = 'sent', sent_at = triggered_at "
        "where delivery_status = 'pending'"
    )


async def fail_all(owner: asyncpg.Connection) -> None:
    """Have all that is pending fail; what it told of certifications is told again."""
    await owner.execute(
        """
        with failed as (
            update scenario_notifications set delivery_status = 'failed' where delivery_status = 'pending' returning id
        )
        delete from notifications.certification_stages s using failed f where s.notification_id = f.id
        """
    )


async def told(owner: asyncpg.Connection, scenario_type: str) -> list[dict[str, Any]]:
    """Every notification of a scenario, in the order they were written in."""
    rows = await owner.fetch(
        """
        select n.*, t.slug as organization, n.metadata ->> 'days' as days
        from scenario_notifications n join tenants t on t.id = n.organization_id
        where n.scenario_type = $1 order by n.triggered_at, t.slug
        """,
        scenario_type,
    )
    return [dict(row) for row in rows]


async def told_at(owner: asyncpg.Connection, user_id: UUID, scenario_type: str) -> list[datetime]:
    """When somebody was notified of a scenario."""
    return [row["triggered_at"] for row in await told(owner, scenario_type) if row["user_id"] == user_id]
