-- Definer: the settings are in an unexposed schema.
create or replace function frontdesk.get_frontdesk_settings(tenant_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select frontdesk.settings_json(frontdesk.acting_tenant(tenant_id))
$$;

create or replace function public.get_frontdesk_settings(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_frontdesk_settings(tenant_id)
$$;

comment on function public.get_frontdesk_settings(uuid) is
    'What holds at a tenant''s desk: {tenant_id, time_zone, hold_minutes, currency}. For the tenant''s members and the '
    'service. 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.get_frontdesk_settings(uuid), public.get_frontdesk_settings(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_frontdesk_settings(uuid), public.get_frontdesk_settings(uuid)
to authenticated, service_role;
