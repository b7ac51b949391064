create or replace function casebase.require_other_owner(tenant_id uuid, user_id uuid) returns void
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    if not exists (
        select from public.tenant_users m
        join auth.users u on u.id = m.user_id and u.deleted_at is null
        where m.tenant_id = tenant_id and m.role = 'owner' and m.user_id <> user_id
    ) then
        perform casebase.fail(409, 'last_owner', '{"field": "user_id"}', 'Make somebody else an owner first.');
    end if;
end
$$;

comment on function casebase.require_other_owner(uuid, uuid) is 'Refuse to leave a tenant without an owner: 409 last_owner.';

revoke execute on function casebase.require_other_owner(uuid, uuid) from public;
