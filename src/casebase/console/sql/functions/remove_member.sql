-- Definer: as set_member_role. Policies and the console ask tenant_users at every call, so whoever is removed is out at once,
-- whatever their token says; their pages are told, and find that they may see nothing.
create or replace function casebase.remove_member(tenant_id uuid, user_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform casebase.require_tenant_administrator(tenant_id);
    perform casebase.lock_members(tenant_id);
    if casebase.changed_member(tenant_id, user_id, null) = 'owner' then
        perform casebase.require_other_owner(tenant_id, user_id);
    end if;
    perform casebase.end_membership(tenant_id, user_id);
    return jsonb_build_object('tenant_id', tenant_id, 'user_id', user_id);
end
$$;

create or replace function public.remove_member(tenant_id uuid, user_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.remove_member(tenant_id, user_id)
$$;

comment on function public.remove_member(uuid, uuid) is
    'Take a member out of a tenant: at once, open pages and valid tokens too; what they wrote stays, and what they invited '
    'is worth nothing. An admin removes no owner; a tenant keeps an owner. Returns {tenant_id, user_id}. For its owners and '
    'admins, and the service. 403 administrator_required, owner_required; 404 tenant_not_found, member_not_found; 409 last_owner.';

revoke execute on function casebase.remove_member(uuid, uuid), public.remove_member(uuid, uuid)
from public, anon, authenticated, service_role;
grant execute on function casebase.remove_member(uuid, uuid), public.remove_member(uuid, uuid) to authenticated, service_role;
