-- Definer: as remove_member.
create or replace function casebase.leave_tenant(tenant_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    if casebase.role_in_tenant(tenant_id) = 'SERVICE' then
        perform casebase.fail(404, 'member_not_found', '{"field": "tenant_id"}');
    end if;
    perform casebase.lock_members(tenant_id);
    if casebase.role_in_tenant(tenant_id) = 'owner' then
        perform casebase.require_other_owner(tenant_id, auth.uid());
    end if;
    perform casebase.end_membership(tenant_id, auth.uid());
    return jsonb_build_object('tenant_id', tenant_id, 'user_id', auth.uid());
end
$$;

create or replace function public.leave_tenant(tenant_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.leave_tenant(tenant_id)
$$;

comment on function public.leave_tenant(uuid) is
    'Leave a tenant oneself, at once; its last owner stays. Returns {tenant_id, user_id}. For members. 404 tenant_not_found; 409 '
    'last_owner.';

revoke execute on function casebase.leave_tenant(uuid), public.leave_tenant(uuid) from public, anon, authenticated, service_role;
grant execute on function casebase.leave_tenant(uuid), public.leave_tenant(uuid) to authenticated;
