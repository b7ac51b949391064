create or replace function frontdesk.settings_of(tenant_id uuid) returns frontdesk.settings
    language sql stable
    set search_path = ''
as $$
    select coalesce(
        (select s from frontdesk.settings s where s.tenant_id = settings_of.tenant_id),
        row(settings_of.tenant_id, 'UTC', 15, 'USD', null)::frontdesk.settings)
$$;

comment on function frontdesk.settings_of(uuid) is 'What a tenant decided for its front desk; the defaults where it did not.';

revoke execute on function frontdesk.settings_of(uuid) from public;
