-- Definer: it reads the templates, and names that whoever is shown the text may not list. A name is put in last, so that
-- nothing in it is taken for a placeholder. What only rules write may be missing in a row written by hand: … stands for it.
-- A notification may wait for days to be sent: days are counted to then.
create or replace function notifications.render_notification(
    notification_id uuid, language text default null, out title text, out body text
)
    language sql stable security definer
    set search_path = ''
as $$
    -- Materialized: its number is said in several places, each of which would reckon it again.
    with shown as materialized (
        select n.scenario_type, c.name, coalesce(c.others, 0) as others,
               coalesce(render_notification.language, p.language, (notifications.settings_of(n.organization_id)).language) as language,
               case
                   when n.milestone_value is not null then n.milestone_value
                   when jsonb_typeof(n.metadata -> 'days') = 'number' then greatest(0, (
                       notifications.metadata_after(
                           n.scenario_type, n.metadata,
                           notifications.local_day(n, said_at.said_at) - notifications.local_day(n, n.triggered_at)
                       ) ->> 'days')::numeric)
               end as number
        from public.scenario_notifications n
        cross join lateral (
            select case n.delivery_status when 'pending' then casebase.now() else coalesce(n.sent_at, n.triggered_at) end as said_at
        ) said_at
        left join public.notification_preferences p on p.user_id = n.user_id and p.scenario_type = n.scenario_type
        left join lateral (
            select c.name, count(*) over () - 1 as others
            from jsonb_path_query(n.metadata, 'lax $.certifications[*]') with ordinality as told (certification, place)
            join public.certifications c
                on c.user_id = n.user_id and c.organization_id = n.organization_id
                and c.id::text = told.certification ->> 'id'
            order by told.place
            limit 1
        ) c on true
        where n.id = notification_id
    ),
    said as (
        select s.*, t.title,
               case when s.others > 0 then translate(t.body, '[]', '') else regexp_replace(t.body, '\[[^]]*\]', '', 'g') end as body
        from shown s
        cross join lateral (
            select t.title, t.body
            from notifications.templates t
            where t.scenario_type = s.scenario_type and t.language in (s.language, 'en')
              and t.plural in (case s.number when 0 then 'zero' when 1 then 'one' end, 'other')
            order by t.language = s.language desc, t.plural = 'other'
            limit 1
        ) t
    )
    select replace(replace(s.title, '{milestone}', number.text), '{days}', number.text),
           replace(
               replace(
                   replace(replace(s.body, '{milestone}', number.text), '{days}', number.text),
                   '{more}', s.others::text),
               '{certification}',
               coalesce(s.name, case s.language when 'nb' then 'En sertifisering' else 'A certification' end))
    from said s
    cross join lateral (select coalesce(s.number::text, '…') as text) number
$$;

comment on function notifications.render_notification(uuid, text) is
    'What a notification says, in a language, else in its person''s own, else in the organisation''s: title and body. Days are '
    'those of the day on which it was sent, of a pending one those of today.';

revoke execute on function notifications.render_notification(uuid, text) from public;
