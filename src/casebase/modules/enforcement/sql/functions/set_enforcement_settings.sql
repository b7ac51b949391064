-- Definer: no role is granted the table.
create or replace function enforcement.set_enforcement_settings(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_settings enforcement.settings;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "allow_anonymous_rpc": {"type": "boolean"},
            "anonymous_calls_per_minute": {"type": "integer", "minimum": 1, "maximum": 10000},
            "is_call_rule_enabled": {"type": "boolean"},
            "calls_per_window": {"type": "integer", "minimum": 1, "maximum": 100},
            "call_window_days": {"type": "integer", "minimum": 1, "maximum": 60},
            "quiet_days_after_conversation": {"type": "integer", "minimum": 0, "maximum": 60},
            "planned_calls_limit": {"type": "integer", "minimum": 0, "maximum": 10000},
            "time_zone": {"type": "string", "maxLength": 60}
        }
    }');
    if not casebase.is_time_zone(coalesce(payload ->> 'time_zone', 'UTC')) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('time_zone', 'time_zone', 'must be the name of a time zone, such as America/New_York'))));
    end if;
    v_tenant_id := enforcement.settings_tenant((payload ->> 'tenant_id')::uuid);
    -- Two callers who each set another field both have their way.
    insert into enforcement.settings (tenant_id) values (v_tenant_id) on conflict (tenant_id) do nothing;
    update enforcement.settings s
    set allow_anonymous_rpc = coalesce((payload ->> 'allow_anonymous_rpc')::boolean, s.allow_anonymous_rpc),
        anonymous_calls_per_minute = coalesce((payload ->> 'anonymous_calls_per_minute')::numeric::int, s.anonymous_calls_per_minute),
        is_call_rule_enabled = coalesce((payload ->> 'is_call_rule_enabled')::boolean, s.is_call_rule_enabled),
        calls_per_window = coalesce((payload ->> 'calls_per_window')::numeric::int, s.calls_per_window),
        call_window_days = coalesce((payload ->> 'call_window_days')::numeric::int, s.call_window_days),
        quiet_days_after_conversation =
            coalesce((payload ->> 'quiet_days_after_conversation')::numeric::int, s.quiet_days_after_conversation),
        planned_calls_limit = coalesce((payload ->> 'planned_calls_limit')::numeric::int, s.planned_calls_limit),
        time_zone = coalesce(payload ->> 'time_zone', s.time_zone)
    where s.tenant_id = v_tenant_id
    returning s.* into strict v_settings;
    return to_jsonb(v_settings) - 'updated_at';
end
$$;

create or replace function public.set_enforcement_settings(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.set_enforcement_settings(payload)
$$;

comment on function public.set_enforcement_settings(jsonb) is
    'Decide for a tenant: {tenant_id?, allow_anonymous_rpc?, anonymous_calls_per_minute?, is_call_rule_enabled?, '
    'calls_per_window?, call_window_days?, quiet_days_after_conversation?, planned_calls_limit?, time_zone?}; what is absent '
    'stays. Returns all settings. For owners and admins of the tenant, and the service. 403 forbidden; 404 '
    'tenant_not_found; 422 invalid_input.';

revoke execute on function enforcement.set_enforcement_settings(jsonb), public.set_enforcement_settings(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.set_enforcement_settings(jsonb), public.set_enforcement_settings(jsonb)
to authenticated, service_role;
