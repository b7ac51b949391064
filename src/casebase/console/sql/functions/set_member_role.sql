-- Definer: nobody writes tenant_users by hand.
create or replace function casebase.set_member_role(tenant_id uuid, user_id uuid, role text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_was text;
begin
    perform casebase.require_tenant_administrator(tenant_id);
    perform casebase.require_role_name(role);
    perform casebase.lock_members(tenant_id);
    v_was := casebase.changed_member(tenant_id, user_id, role);
    if v_was = 'owner' and role <> 'owner' then
        perform casebase.require_other_owner(tenant_id, user_id);
    end if;
    update public.tenant_users m set role = set_member_role.role
    where m.tenant_id = tenant_id and m.user_id = user_id and m.role <> set_member_role.role;
    return jsonb_build_object('tenant_id', tenant_id, 'user_id', user_id, 'role', role, 'is_repeated', v_was = role);
end
$$;

create or replace function public.set_member_role(tenant_id uuid, user_id uuid, role text) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.set_member_role(tenant_id, user_id, role)
$$;

comment on function public.set_member_role(uuid, uuid, text) is
    'Give a member another role, from their next call on. An admin makes no owner and changes none; a tenant keeps an owner. '
    'Returns {tenant_id, user_id, role, is_repeated}. For its owners and admins, and the service. 403 administrator_required, '
    'owner_required; 404 tenant_not_found, member_not_found; 409 last_owner; 422 invalid_input.';

revoke execute on function casebase.set_member_role(uuid, uuid, text), public.set_member_role(uuid, uuid, text)
from public, anon, authenticated, service_role;
grant execute on function casebase.set_member_role(uuid, uuid, text), public.set_member_role(uuid, uuid, text)
to authenticated, service_role;
