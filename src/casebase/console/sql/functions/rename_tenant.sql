-- Definer: people are granted no write on tenants. The slug stays, as links and settings hold it.
create or replace function casebase.rename_tenant(tenant_id uuid, name text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant public.tenants;
begin
    if casebase.role_in_tenant(tenant_id) not in ('SERVICE', 'owner') then
        perform casebase.fail(403, 'owner_required', '{"field": "tenant_id"}', 'Ask an owner of the tenant.');
    end if;
    perform casebase.require_valid(jsonb_build_object('name', name), '{
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:]]"}}
    }');
    update public.tenants t set name = btrim(rename_tenant.name) where t.id = rename_tenant.tenant_id returning * into v_tenant;
    return jsonb_build_object(
        'tenant_id', v_tenant.id, 'slug', v_tenant.slug, 'name', v_tenant.name, 'created_at', v_tenant.created_at);
end
$$;

create or replace function public.rename_tenant(tenant_id uuid, name text) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.rename_tenant(tenant_id, name)
$$;

comment on function public.rename_tenant(uuid, text) is
    'Give a tenant another name; its slug stays. Returns {tenant_id, slug, name, created_at}. For its owners and the service. 403 '
    'owner_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function casebase.rename_tenant(uuid, text), public.rename_tenant(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function casebase.rename_tenant(uuid, text), public.rename_tenant(uuid, text) to authenticated, service_role;
