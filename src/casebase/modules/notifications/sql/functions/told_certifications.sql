-- The service writes metadata too, and may put anything there: what is no reminder of a certification is none.
create or replace function notifications.told_certifications(notification public.scenario_notifications)
    returns table (certification_id uuid, expires_on date, stage int)
    language sql stable
    set search_path = ''
as $$
    select c.id, c.expires_on,
           case when jsonb_typeof(t.told -> 'stage') = 'number' and (t.told ->> 'stage')::numeric between 1 and 366
                then (t.told ->> 'stage')::numeric::int end
    from jsonb_path_query(notification.metadata, 'lax $.certifications[*]') as t (told)
    join public.certifications c
        on c.user_id = notification.user_id and c.organization_id = notification.organization_id
        and c.id::text = t.told ->> 'id' and c.expires_on::text = t.told ->> 'expires_on'
    where notification.scenario_type = 'certification_expiry'
$$;

comment on function notifications.told_certifications(public.scenario_notifications) is
    'The certifications that a notification tells of and that still end on the day it tells, each with its reminder.';

revoke execute on function notifications.told_certifications(public.scenario_notifications) from public;
