-- Definer: the settings are in an unexposed schema.
create or replace function notifications.settings_for(user_id uuid) returns notifications.settings
    language sql stable security definer
    set search_path = ''
as $$
    select notifications.settings_of((
        select m.tenant_id from public.tenant_users m
        where m.user_id = settings_for.user_id
        order by m.created_at, m.tenant_id
        limit 1))
$$;

comment on function notifications.settings_for(uuid) is
    'The settings of the organisation that somebody joined first, for what they did not decide themselves.';

revoke execute on function notifications.settings_for(uuid) from public;
