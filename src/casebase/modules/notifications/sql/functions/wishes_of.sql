-- Definer: the settings are in an unexposed schema.
create or replace function notifications.wishes_of(user_id uuid)
    returns table (
        scenario_type text, enabled boolean, quiet_from time, quiet_until time, timezone text, language text, is_own boolean
    )
    language sql stable security definer
    set search_path = ''
as $$
    select d.scenario_type,
           coalesce(p.enabled, true),
           case when p.user_id is null then s.quiet_from else p.quiet_from end,
           case when p.user_id is null then s.quiet_until else p.quiet_until end,
           max(p.timezone) over (),
           max(p.language) over (),
           p.user_id is not null
    from notifications.scenario_defaults d
    cross join notifications.settings_for(wishes_of.user_id) s
    left join public.notification_preferences p on p.user_id = wishes_of.user_id and p.scenario_type = d.scenario_type
$$;

comment on function notifications.wishes_of(uuid) is
    'What holds of each scenario for somebody: decided by themselves (is_own), else by their organisation. timezone and '
    'language are their own, or null.';

revoke execute on function notifications.wishes_of(uuid) from public;
