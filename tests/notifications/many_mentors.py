"""Organisations as they are after years: many people with their activities, certifications and earlier notices."""

from __future__ import annotations

import asyncpg

# What somebody is like is drawn from a hash of their number: the same each time, and no two traits go together. Ids are
# random, as they are in life: neighbours in an index have nothing else in common.
_MANY = """
    create temporary table many as
    select i, gen_random_uuid() as id, t.id as organization_id, h, date_trunc('day', casebase.now()) as today,
           round({mean} * (array[0, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 2.1, 3.5])[1 + i % 10])::int as total,
           -- Three in ten are away for a month or longer.
           case when h[1] % 10 < 3 then 30 + h[2] % 300 else h[2] % 29 end as days_away
    from (
        select i, (select array_agg(hashint4extended(i, n) & 65535) from generate_series(1, 6) n) as h
        from generate_series(1, {users}) i
    ) drawn
    join public.tenants t on t.slug = case when h[6] % 10 = 0 then 'many' else 'default' end
"""

_PEOPLE = (
    "analyze many",
    "insert into auth.users (id, email) select id, 'mentor' || i || '@many.example' from many",
    """
    insert into public.tenant_users (tenant_id, user_id, role, created_at)
    select organization_id, id, 'member', today - interval '400 days' from many
    """,
    """
    insert into public.certifications (organization_id, user_id, name, expires_on)
    select organization_id, id, 'First aid', (today + (h[3] / 4 % 400 - 20) * interval '1 day')::date
    from many where h[3] % 4 = 0
    """,
    """
    insert into public.notification_preferences (user_id, scenario_type, enabled, timezone)
    select id, 'inactivity', h[5] % 5 > 0, 'America/New_York' from many where h[5] % 10 < 2
    """,
)

_ACTIVITIES = """
    insert into public.activities (id, organization_id, user_id, activity_date, kind, created_at)
    select lpad(to_hex(row_number() over ()), 32, '0')::uuid, organization_id, id,
           (today - (days_away + 3 * (n - 1)) * interval '1 day')::date, 'visit', today
    from many cross join generate_series(1, total) n
"""

# Of who is away two thirds were told so within the month; a third of the others were once, longer ago. Of milestones
# three quarters were told, of reminders half: the rest is due, beside those who came back this week.
_NOTICES = (
    """
    create temporary table notices as
    select gen_random_uuid() as id, m.id as user_id, m.organization_id, n.*
    from many m
    cross join lateral (
        select 'inactivity' as scenario_type, today - (h[5] % 28) * interval '1 day' as told_at, interval '30 days' as cooldown,
               null::int as milestone, '{"days": 30}'::jsonb as metadata
        where (days_away >= 30 or total = 0) and h[4] % 3 > 0
        union all
        select 'inactivity', today - (40 + h[5] % 300) * interval '1 day', '30 days', null, '{"days": 30}'
        where days_away < 30 and total > 0 and h[4] % 3 = 0
        union all
        select 'milestone', today - (days_away + 1) * interval '1 day', '1 hour', reached, null
        from (select max(t) as reached from unnest(array[10, 25, 50, 100, 250, 500]) t where t <= total) r
        where reached is not null and h[5] % 4 > 0
        union all
        select 'certification_expiry', today - interval '2 days', '1 day', null,
               jsonb_build_object('days', c.days, 'certifications', jsonb_build_array(
                   jsonb_build_object('id', c.id, 'expires_on', c.expires_on, 'stage', c.stage, 'days', c.days)))
        from (
            select c.id, c.expires_on, c.expires_on - m.today::date as days, s.stage
            from public.certifications c
            cross join lateral (
                select min(t) as stage from unnest(array[60, 30, 7]) t where t >= c.expires_on - m.today::date
            ) s
            where c.user_id = m.id
        ) c
        where h[4] % 2 = 0 and c.days >= 0 and c.stage is not null
    ) n
    """,
    """
    insert into public.scenario_notifications (
        id, user_id, organization_id, scenario_type, triggered_at, delivery_status, milestone_value, metadata,
        cooldown_window_start, cooldown_until, dedupe_key, attempts, sent_at)
    select id, user_id, organization_id, scenario_type, told_at, 'sent', milestone, metadata, told_at, told_at + cooldown,
           coalesce(milestone::text, told_at::date::text), 1, told_at
    from notices
    """,
    """
    insert into notifications.certification_stages (certification_id, expires_on, stage, notification_id)
    select c.id, c.expires_on, c.stage, n.id
    from notices n
    cross join lateral jsonb_to_recordset(n.metadata -> 'certifications') as c (id uuid, expires_on date, stage int)
    where n.scenario_type = 'certification_expiry'
    """,
    "drop table many, notices",
)

# By their index, so that each is built once over all rows.
_INDEXES = """
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
    from pg_index where indrelid = 'public.activities'::regclass and not indisprimary
"""


async def make_many_mentors(owner: asyncpg.Connection, users: int, activities: int) -> None:
    """Make ``users`` with about ``activities`` and earlier notices, a tenth of them in another tenant (``many``).

    One in ten never did anything, four in ten reached a milestone, one in four is certified. At today's noon (UTC) about
    three in ten are due for something, an eighth of those by two rules or more. Everybody joined 400 days ago.
    """
    await owner.execute(
        "insert into public.tenants (slug, name) values ('many', 'Many') on conflict do nothing"
    )
    # Without triggers: each row would look up whom it names.
    await owner.execute("set session_replication_role = replica")
    await owner.execute(_MANY.format(users=int(users), mean=activities / users))
    for statement in _PEOPLE:
        await owner.execute(statement)
    indexes = await owner.fetch(_INDEXES)
    for index in indexes:
        await owner.execute(f"drop index {index['name']}")
    await owner.execute(_ACTIVITIES)
    for index in indexes:
        await owner.execute(index["definition"])
    for statement in _NOTICES:
        await owner.execute(statement)
    await owner.execute("reset session_replication_role")
    await owner.execute("vacuum analyze")
