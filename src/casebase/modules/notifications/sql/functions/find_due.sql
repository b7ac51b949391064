-- The rules. One statement for a batch of people, who are a stretch of their organisation by id: each table is read once,
-- by the stretch of an index. What is due and may not be sent now has a skip_reason.
--
--   inactivity            no activity for `threshold` days, where they live; counted from joining, if that was later
--   milestone             the highest count reached, unless it was told before; those passed over stay untold
--   certification_expiry  the nearest reminder that has come, of each certification; several make one notification
--   welcome_back          active since the last inactivity notice that was sent, within `threshold` days; once a notice
--
-- Who administers an organisation and never recorded an activity takes no part in it, and is not nudged.
-- Preferences and milestones are people's, of no organisation: asked person by person, as a stretch of ids of a small
-- organisation would be everybody else's too.
-- Planned anew for every batch: how much of a table a stretch covers decides the plan. How many a rule will find due
-- nobody can tell beforehand, and a guess of a few would have everybody compared with everybody: no nested loops.
create or replace function notifications.find_due(
    organization_id uuid,
    scenario_types text[],
    at timestamptz,
    after_user uuid,
    last_user uuid
) returns table (
    user_id uuid,
    scenario_type text,
    skip_reason text,
    milestone_value int,
    metadata jsonb,
    dedupe_key text,
    cooldown_until timestamptz
)
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set enable_nestloop = off
    set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
    v_organization uuid := organization_id;
    v_types text[] := scenario_types;
    -- A return answers a notice of inactivity.
    v_told text[] := case when 'welcome_back' = any (v_types) then v_types || text 'inactivity' else v_types end;
    v_today date := at::date;
    -- No cooldown is shorter than an hour, so the next notification never has the key of the last.
    v_hour text := to_char(at, 'YYYY-MM-DD"T"HH24"Z"');
    v_settings notifications.settings := notifications.settings_of(organization_id);
    v_days_away int;
    v_milestones int[];
    v_stages int[];
    v_days_back int;
    v_cooldown jsonb;
begin
    select max(t.value) filter (where r.scenario_type = 'inactivity'),
           array_agg(t.value order by t.value) filter (where r.scenario_type = 'milestone'),
           array_agg(t.value order by t.value) filter (where r.scenario_type = 'certification_expiry'),
           max(t.value) filter (where r.scenario_type = 'welcome_back'),
           jsonb_object_agg(r.scenario_type, extract(epoch from r.cooldown))
    into v_days_away, v_milestones, v_stages, v_days_back, v_cooldown
    from notifications.rules_of(v_organization) r cross join unnest(r.threshold) t (value);

    return query
    with standing as materialized (
        -- Who is ahead of us by a day, where they live, may have been active tomorrow.
        select a.user_id, count(*)::int as total, max(a.activity_date) as last_active
        from public.activities a
        where a.organization_id = v_organization and a.user_id > after_user and a.user_id <= last_user
          and a.activity_date <= v_today + 1
        group by a.user_id
    ),
    mentor as materialized (
        select m.user_id, m.created_at as joined_at, s.last_active,
               -- How many of the ascending numbers are at most the total.
               v_milestones[width_bucket(s.total, v_milestones)] as reached,
               array(select p from public.notification_preferences p where p.user_id = m.user_id) as preferences
        from public.tenant_users m
        left join standing s on s.user_id = m.user_id
        where m.tenant_id = v_organization and m.user_id > after_user and m.user_id <= last_user
          and (s.total > 0 or m.role not in ('owner', 'admin'))
    ),
    told as materialized (
        select n.user_id, n.scenario_type, max(n.triggered_at) as told_at, max(n.cooldown_until) as cooldown_until,
               max(n.triggered_at) filter (where n.delivery_status = 'sent') as sent_at,
               -- Moments, so the greatest is the latest.
               max(n.dedupe_key collate "C") filter (where n.scenario_type = 'welcome_back') as answered
        from public.scenario_notifications n
        where n.organization_id = v_organization and n.user_id > after_user and n.user_id <= last_user
          and n.scenario_type = any (v_told) and n.delivery_status <> 'failed'
        group by n.user_id, n.scenario_type
    ),
    preference as materialized (
        select (w.row).user_id, (w.row).scenario_type, (w.row).enabled,
               coalesce((w.row).timezone, v_settings.timezone) as timezone, (w.row).quiet_from, (w.row).quiet_until
        from (select unnest(m.preferences) as row from mentor m offset 0) w
    ),
    due as (
        select m.user_id, 'inactivity' as scenario_type, null::int as milestone_value,
               jsonb_build_object('days', d.days) as metadata, v_hour as dedupe_key
        from mentor m
        left join preference p on p.user_id = m.user_id and p.scenario_type = 'inactivity'
        cross join lateral (select coalesce(p.timezone, v_settings.timezone) as timezone) z
        cross join lateral (
            select (at at time zone z.timezone)::date - greatest(m.last_active, (m.joined_at at time zone z.timezone)::date) as days
        ) d
        where 'inactivity' = any (v_types) and d.days >= v_days_away

        union all
        select m.user_id, 'milestone', m.reached, null, m.reached::text
        from mentor m
        where 'milestone' = any (v_types) and m.reached is not null
          and (
              select n.id from public.scenario_notifications n
              where n.user_id = m.user_id and n.milestone_value = m.reached) is null

        union all
        select c.user_id, 'certification_expiry', null,
               jsonb_build_object(
                   'days', min(c.days),
                   'certifications', jsonb_agg(
                       jsonb_build_object('id', c.id, 'expires_on', c.expires_on, 'stage', c.stage, 'days', c.days)
                       order by c.days, c.id)),
               v_hour
        from (
            select c.user_id, c.id, c.expires_on, d.days, s.stage,
                   row_number() over (partition by c.user_id order by d.days, c.id) as place
            from mentor m
            join public.certifications c on c.user_id = m.user_id
            left join preference p on p.user_id = m.user_id and p.scenario_type = 'certification_expiry'
            cross join lateral (
                select c.expires_on - (at at time zone coalesce(p.timezone, v_settings.timezone))::date as days
            ) d
            -- The first stage after those that are over.
            cross join lateral (select v_stages[width_bucket(d.days - 1, v_stages) + 1] as stage) s
            where 'certification_expiry' = any (v_types)
              and c.organization_id = v_organization and c.user_id > after_user and c.user_id <= last_user
              and d.days >= 0 and s.stage is not null
              and s.stage <> all (array(
                  select x.stage from notifications.certification_stages x
                  where x.certification_id = c.id and x.expires_on = c.expires_on))
        ) c
        -- More would not fit into metadata: the others are told by the next.
        where c.place <= 50
        group by c.user_id

        union all
        select m.user_id, 'welcome_back', null, null, k.answer
        from mentor m
        join told i on i.user_id = m.user_id and i.scenario_type = 'inactivity' and i.sent_at is not null
        left join told w on w.user_id = m.user_id and w.scenario_type = 'welcome_back'
        left join preference p on p.user_id = m.user_id and p.scenario_type = 'welcome_back'
        cross join lateral (select coalesce(p.timezone, v_settings.timezone) as timezone) z
        cross join lateral (select to_char(i.sent_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as answer) k
        where 'welcome_back' = any (v_types)
          and m.last_active >= (i.sent_at at time zone z.timezone)::date
          and (at at time zone z.timezone)::date - m.last_active <= v_days_back
          -- Not by time: a notice may have been written when the last one was answered.
          and w.answered is distinct from k.answer
    )
    select d.user_id, d.scenario_type,
           case
               when not p.enabled then 'opted_out'
               -- A longer cooldown holds at once, a shorter one from the next notification on.
               when greatest(t.cooldown_until, t.told_at + c.cooldown) > at then 'cooldown'
               when f.failed_at > at - least(c.cooldown, interval '24 hours') then 'failed_recently'
               when p.user_id is null
                   then case when notifications.is_quiet(at, v_settings.timezone, v_settings.quiet_from, v_settings.quiet_until)
                             then 'quiet_hours' end
               when notifications.is_quiet(at, p.timezone, p.quiet_from, p.quiet_until) then 'quiet_hours'
           end,
           d.milestone_value, d.metadata, d.dedupe_key, at + c.cooldown
    from due d
    cross join lateral (select make_interval(secs => (v_cooldown -> d.scenario_type)::float8) as cooldown) c
    left join told t on t.user_id = d.user_id and t.scenario_type = d.scenario_type
    left join preference p on p.user_id = d.user_id and p.scenario_type = d.scenario_type
    left join (
        select n.user_id, n.scenario_type, max(n.triggered_at) as failed_at
        from public.scenario_notifications n
        where n.organization_id = v_organization and n.user_id > after_user and n.user_id <= last_user
          and n.delivery_status = 'failed'
        group by n.user_id, n.scenario_type
    ) f on f.user_id = d.user_id and f.scenario_type = d.scenario_type;
end
$$;

comment on function notifications.find_due(uuid, text[], timestamptz, uuid, uuid) is
    'Whom of an organisation''s people after after_user, up to last_user, each rule finds due at a moment, and why not all '
    'of them can be notified now.';

revoke execute on function notifications.find_due(uuid, text[], timestamptz, uuid, uuid) from public;
