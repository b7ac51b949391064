create or replace function notifications.settings_of(organization_id uuid) returns notifications.settings
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce(
        (select s from notifications.settings s where s.organization_id = settings_of.organization_id),
        (settings_of.organization_id, 'Europe/Oslo', 'en', null, null, casebase.now())::notifications.settings)
$$;

comment on function notifications.settings_of(uuid) is 'What holds in an organisation for people who decided nothing themselves.';

revoke execute on function notifications.settings_of(uuid) from public;
