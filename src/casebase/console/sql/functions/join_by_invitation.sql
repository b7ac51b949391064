-- The row that is deleted is the invitation's one use: of two who come at once the second finds it gone.
create or replace function casebase.join_by_invitation(token_hash bytea, user_id uuid) returns jsonb
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_invitation casebase.invitations;
    v_role text;
begin
    delete from casebase.invitations i
    using casebase.open_invitations(null, token_hash) o, auth.users u
    where i.id = o.id and i.token_hash = join_by_invitation.token_hash
      and u.id = user_id and lower(u.email) = i.email and u.deleted_at is null
    returning i.* into v_invitation;
    if v_invitation.id is null then
        perform casebase.fail(404, 'invitation_not_found', '{"field": "token"}', 'Ask for another invitation.');
    end if;
    insert into public.tenant_users as m (tenant_id, user_id, role)
    values (v_invitation.tenant_id, user_id, v_invitation.role)
    on conflict on constraint tenant_users_pkey do nothing;
    select m.role into v_role from public.tenant_users m
    where m.tenant_id = v_invitation.tenant_id and m.user_id = user_id;
    perform casebase.notify_live(v_invitation.tenant_id, 'members', user_id);
    return jsonb_build_object('tenant_id', v_invitation.tenant_id, 'user_id', user_id, 'role', v_role);
end
$$;

comment on function casebase.join_by_invitation(bytea, uuid) is
    'Make the person that an invitation is for a member, once; who was one by then keeps their role. 404 invitation_not_found, '
    'also for anybody else.';

revoke execute on function casebase.join_by_invitation(bytea, uuid) from public;
