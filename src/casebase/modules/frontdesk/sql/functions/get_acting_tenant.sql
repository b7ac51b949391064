-- Definer: as its siblings, that people need no right to what it calls.
create or replace function frontdesk.get_acting_tenant(tenant_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_tenant constant uuid := frontdesk.acting_tenant(tenant_id);
begin
    return jsonb_build_object('tenant_id', v_tenant, 'is_administrator', frontdesk.is_administrator(v_tenant));
end
$$;

create or replace function public.get_acting_tenant(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_acting_tenant(tenant_id)
$$;

comment on function public.get_acting_tenant(uuid) is
    'The tenant whose front desk the caller works at: the one named, else their only one, for the service the default one. '
    'Returns {tenant_id, is_administrator}. For members and the service. 404 tenant_not_found; 422 invalid_input where it must '
    'be named.';

revoke execute on function frontdesk.get_acting_tenant(uuid), public.get_acting_tenant(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_acting_tenant(uuid), public.get_acting_tenant(uuid) to authenticated, service_role;
