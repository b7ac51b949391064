-- Definer: no role is granted the table.
create or replace function mortgage.set_mortgage_settings(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_settings mortgage.settings;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "is_reveal_enabled": {"type": "boolean"},
            "high_value_loan": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
            "retention_risk_savings": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01}
        }
    }');
    v_tenant_id := mortgage.settings_tenant((payload ->> 'tenant_id')::uuid);
    -- Two callers who each set another field both have their way.
    insert into mortgage.settings (tenant_id) values (v_tenant_id) on conflict (tenant_id) do nothing;
    update mortgage.settings s
    set is_reveal_enabled = coalesce((payload ->> 'is_reveal_enabled')::boolean, s.is_reveal_enabled),
        high_value_loan = coalesce((payload ->> 'high_value_loan')::numeric, s.high_value_loan),
        retention_risk_savings = coalesce((payload ->> 'retention_risk_savings')::numeric, s.retention_risk_savings),
        updated_at = casebase.now()
    where s.tenant_id = v_tenant_id
    returning s.* into strict v_settings;
    return to_jsonb(v_settings) - 'updated_at';
end
$$;

create or replace function public.set_mortgage_settings(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.set_mortgage_settings(payload)
$$;

comment on function public.set_mortgage_settings(jsonb) is
    'Decide for a tenant: {tenant_id?, is_reveal_enabled?, high_value_loan?, retention_risk_savings?}; what is absent stays. '
    'Returns all settings. For owners and admins of the tenant, and the service. 422 invalid_input, 403 forbidden, 404 tenant_not_found.';

revoke execute on function mortgage.set_mortgage_settings(jsonb), public.set_mortgage_settings(jsonb)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.set_mortgage_settings(jsonb), public.set_mortgage_settings(jsonb)
    to authenticated, service_role;
