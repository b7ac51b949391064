create or replace function frontdesk.settings_json(tenant_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'tenant_id', s.tenant_id, 'time_zone', s.time_zone, 'hold_minutes', s.hold_minutes, 'currency', s.currency)
    from frontdesk.settings_of(tenant_id) s
$$;

comment on function frontdesk.settings_json(uuid) is 'What a tenant decided for its front desk, as get_frontdesk_settings returns it.';

revoke execute on function frontdesk.settings_json(uuid) from public;
