-- Called behind lock_members: what the caller may is asked again, as somebody may have changed it while they waited.
create or replace function casebase.changed_member(tenant_id uuid, user_id uuid, role text) returns text
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_caller constant text := casebase.require_tenant_administrator(tenant_id);
    v_was text;
begin
    select m.role into v_was from public.tenant_users m where m.tenant_id = tenant_id and m.user_id = user_id;
    if v_was is null then
        perform casebase.fail(404, 'member_not_found', '{"field": "user_id"}');
    elsif v_caller = 'admin' and 'owner' in (v_was, role) and v_was is distinct from role then
        perform casebase.fail(403, 'owner_required', '{"field": "role"}', 'Ask an owner of the tenant.');
    end if;
    return v_was;
end
$$;

comment on function casebase.changed_member(uuid, uuid, text) is
    'The role of a member whom the caller gives another, or null to be removed; 403 owner_required where an admin would make, '
    'change or remove an owner; 404 member_not_found.';

revoke execute on function casebase.changed_member(uuid, uuid, text) from public;
