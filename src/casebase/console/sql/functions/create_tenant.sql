-- Definer: as its siblings. Nobody belongs to the new tenant yet: invite its first owner.
create or replace function casebase.create_tenant(slug text, name text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant public.tenants;
begin
    perform casebase.require_valid(jsonb_build_object('slug', slug, 'name', name), '{
        "type": "object",
        "required": ["slug", "name"],
        "properties": {
            "slug": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
                     "description": "must be lower-case words joined by hyphens"},
            "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:]]"}
        }
    }');
    insert into public.tenants (slug, name) values (create_tenant.slug, btrim(create_tenant.name))
    on conflict do nothing
    returning * into v_tenant;
    if v_tenant.id is null then
        perform casebase.fail(409, 'tenant_exists', '{"field": "slug"}', 'Choose another slug.');
    end if;
    return jsonb_build_object(
        'tenant_id', v_tenant.id, 'slug', v_tenant.slug, 'name', v_tenant.name, 'created_at', v_tenant.created_at);
end
$$;

create or replace function public.create_tenant(slug text, name text) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.create_tenant(slug, name)
$$;

comment on function public.create_tenant(text, text) is
    'Make a tenant that nobody belongs to yet. Returns {tenant_id, slug, name, created_at}. For the service, which then invites '
    'its first owner. 409 tenant_exists; 422 invalid_input.';

revoke execute on function casebase.create_tenant(text, text), public.create_tenant(text, text)
from public, anon, authenticated, service_role;
grant execute on function casebase.create_tenant(text, text), public.create_tenant(text, text) to service_role;
