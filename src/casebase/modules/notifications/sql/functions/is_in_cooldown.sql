-- Definer: defaults are in an unexposed schema. As notifications.find_due reads it: a longer cooldown holds at once.
create or replace function notifications.is_in_cooldown(notification public.scenario_notifications, at timestamptz) returns boolean
    language sql stable security definer
    set search_path = ''
as $$
    select exists (
        select from public.scenario_notifications n
        join notifications.rules_of(notification.organization_id) r on r.scenario_type = n.scenario_type
        where n.user_id = notification.user_id and n.scenario_type = notification.scenario_type
          and n.organization_id = notification.organization_id and n.delivery_status <> 'failed' and n.id <> notification.id
          and greatest(n.cooldown_until, n.triggered_at + make_interval(secs => extract(epoch from r.cooldown)::float8)) > at)
$$;

comment on function notifications.is_in_cooldown(public.scenario_notifications, timestamptz) is
    'Whether another notification of its person, organisation and scenario, one that did not fail, forbids it at a moment.';

revoke execute on function notifications.is_in_cooldown(public.scenario_notifications, timestamptz) from public;
