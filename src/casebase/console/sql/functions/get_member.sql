-- Definer: as list_members.
create or replace function casebase.get_member(tenant_id uuid, user_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
#variable_conflict use_variable
declare
    v_member jsonb;
begin
    perform casebase.require_tenant_administrator(tenant_id);
    select jsonb_build_object(
        'user_id', m.user_id, 'email', u.email, 'role', m.role, 'joined_at', m.created_at, 'last_sign_in_at', u.last_sign_in_at)
    into v_member
    from public.tenant_users m
    join auth.users u on u.id = m.user_id
    where m.tenant_id = tenant_id and m.user_id = user_id;
    if v_member is null then
        perform casebase.fail(404, 'member_not_found', '{"field": "user_id"}');
    end if;
    return v_member;
end
$$;

create or replace function public.get_member(tenant_id uuid, user_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.get_member(tenant_id, user_id)
$$;

comment on function public.get_member(uuid, uuid) is
    'A member of a tenant: {user_id, email, role, joined_at, last_sign_in_at}. For its owners and admins, and the service. 403 '
    'administrator_required; 404 tenant_not_found, member_not_found.';

revoke execute on function casebase.get_member(uuid, uuid), public.get_member(uuid, uuid)
from public, anon, authenticated, service_role;
grant execute on function casebase.get_member(uuid, uuid), public.get_member(uuid, uuid) to authenticated, service_role;
