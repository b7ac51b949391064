-- Definer: the settings are in an unexposed schema.
create or replace function frontdesk.set_frontdesk_settings(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
    v_errors jsonb;
begin
    v_errors := casebase.validation_errors(coalesce(payload, 'null'), '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "time_zone": {"type": "string", "maxLength": 60},
            "hold_minutes": {"type": "integer", "minimum": 1, "maximum": 1440},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "must be a code of ISO 4217"}
        }
    }');
    if not v_errors @> '[{"field": "time_zone"}]' and not casebase.is_time_zone(coalesce(payload ->> 'time_zone', 'UTC')) then
        v_errors := v_errors || casebase.validation_error(
            'time_zone', 'time_zone', 'must be the name of a time zone, such as Europe/Oslo');
    end if;
    if not v_errors @> '[{"field": "currency"}]' and payload ->> 'currency' not in (select c.code from frontdesk.currencies c) then
        v_errors := v_errors || casebase.validation_error('currency', 'currency', 'must be one of the installation''s currencies');
    end if;
    if v_errors <> '[]' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors),
            'Correct the fields that detail.errors names.');
    end if;
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    insert into frontdesk.settings (tenant_id) values (v_tenant) on conflict do nothing;
    update frontdesk.settings s
    set time_zone = coalesce(payload ->> 'time_zone', s.time_zone),
        hold_minutes = coalesce((payload ->> 'hold_minutes')::numeric::int, s.hold_minutes),
        currency = coalesce(payload ->> 'currency', s.currency)
    where s.tenant_id = v_tenant;
    return frontdesk.settings_json(v_tenant);
end
$$;

create or replace function public.set_frontdesk_settings(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.set_frontdesk_settings(payload)
$$;

comment on function public.set_frontdesk_settings(jsonb) is
    'Decide for a tenant''s desk: {tenant_id?, time_zone? (such as Europe/Oslo), hold_minutes? (1 to 1440), currency? (ISO '
    '4217)}; what is absent stays. Bookings that are held keep the time they were given. Returns all settings. For '
    'administrators of the tenant, and the service. 403 administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.set_frontdesk_settings(jsonb), public.set_frontdesk_settings(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.set_frontdesk_settings(jsonb), public.set_frontdesk_settings(jsonb)
to authenticated, service_role;
