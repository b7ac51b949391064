-- Definer: no role is granted the table.
create or replace function enforcement.get_enforcement_settings(tenant_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select to_jsonb(enforcement.settings_of(enforcement.settings_tenant(tenant_id))) - 'updated_at'
$$;

create or replace function public.get_enforcement_settings(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.get_enforcement_settings(tenant_id)
$$;

comment on function public.get_enforcement_settings(uuid) is
    'What a tenant decided for itself: {tenant_id, allow_anonymous_rpc, anonymous_calls_per_minute, is_call_rule_enabled, '
    'calls_per_window, call_window_days, quiet_days_after_conversation, planned_calls_limit, time_zone}. For its owners and '
    'admins, and the service. 403 forbidden; 404 tenant_not_found.';

revoke execute on function enforcement.get_enforcement_settings(uuid), public.get_enforcement_settings(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.get_enforcement_settings(uuid), public.get_enforcement_settings(uuid)
to authenticated, service_role;
