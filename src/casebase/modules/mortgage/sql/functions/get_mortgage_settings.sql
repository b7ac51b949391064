-- Definer: no role is granted the table.
create or replace function mortgage.get_mortgage_settings(tenant_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select to_jsonb(mortgage.settings_of(mortgage.settings_tenant(tenant_id))) - 'updated_at'
$$;

create or replace function public.get_mortgage_settings(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.get_mortgage_settings(tenant_id)
$$;

comment on function public.get_mortgage_settings(uuid) is
    'What a tenant decided for itself: {tenant_id, is_reveal_enabled, high_value_loan, retention_risk_savings}. For its '
    'owners and admins, and the service. 403 forbidden, 404 tenant_not_found.';

revoke execute on function mortgage.get_mortgage_settings(uuid), public.get_mortgage_settings(uuid)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.get_mortgage_settings(uuid), public.get_mortgage_settings(uuid)
    to authenticated, service_role;
