-- An invitation of theirs that is still open would let them come back as what it says.
create or replace function casebase.end_membership(tenant_id uuid, user_id uuid) returns void
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    delete from public.tenant_users m where m.tenant_id = tenant_id and m.user_id = user_id;
    delete from casebase.invitations i
    using auth.users u
    where u.id = user_id and i.tenant_id = tenant_id and i.email = lower(u.email);
    perform casebase.notify_live(tenant_id, 'members', user_id);
end
$$;

comment on function casebase.end_membership(uuid, uuid) is
    'Take somebody out of a tenant at once, with any open invitation to it of their address; behind lock_members.';

revoke execute on function casebase.end_membership(uuid, uuid) from public;
