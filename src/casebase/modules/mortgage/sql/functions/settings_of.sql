create or replace function mortgage.settings_of(tenant_id uuid) returns mortgage.settings
    language sql stable
    set search_path = ''
as $$
    select coalesce(
        (select s from mortgage.settings s where s.tenant_id = settings_of.tenant_id),
        jsonb_populate_record(null::mortgage.settings, jsonb_build_object(
            'tenant_id', settings_of.tenant_id,
            'is_reveal_enabled', false,
            'high_value_loan', 1000000,
            'retention_risk_savings', 5000)))
$$;

comment on function mortgage.settings_of(uuid) is 'What a tenant decided for itself; the defaults where it did not.';

revoke execute on function mortgage.settings_of(uuid) from public;
