-- Definer: as set_member_role. The token is made here and returned once; of 244 random bits, nobody guesses one.
create or replace function casebase.invite_member(tenant_id uuid, email text, role text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_caller text;
    v_token constant text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    v_invitation casebase.invitations;
begin
    -- The token must not be in a kept reply; repeated, the call makes another.
    perform set_config('casebase.keep_reply', 'off', true);
    v_caller := casebase.require_tenant_administrator(tenant_id);
    perform casebase.require_valid(jsonb_build_object('email', email), '{
        "type": "object",
        "required": ["email"],
        "properties": {"email": {"type": "string", "format": "email"}}
    }');
    perform casebase.require_role_name(role);
    if role = 'owner' and v_caller = 'admin' then
        perform casebase.fail(403, 'owner_required', '{"field": "role"}', 'Ask an owner of the tenant.');
    elsif exists (
        select from public.tenant_users m
        join auth.users u on u.id = m.user_id and u.deleted_at is null
        where m.tenant_id = tenant_id and lower(u.email) = lower(invite_member.email)
    ) then
        perform casebase.fail(409, 'already_member', '{"field": "email"}', 'Change their role instead.');
    end if;
    delete from casebase.invitations i where i.expires_at <= casebase.now();
    insert into casebase.invitations as i (tenant_id, email, role, token_hash, invited_by, expires_at)
    values (
        tenant_id, lower(email), role, casebase.hash_token(v_token),
        case when v_caller <> 'SERVICE' then auth.uid() end, casebase.now() + interval '7 days')
    on conflict on constraint invitations_tenant_id_email_key do update
    set id = excluded.id, role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    -- An admin takes no owner's place by taking back an owner's invitation of one.
    where v_caller <> 'admin' or i.role <> 'owner' or i.invited_by = auth.uid()
    returning * into v_invitation;
    if v_invitation.id is null then
        perform casebase.fail(403, 'owner_required', '{"field": "email"}', 'An owner invited them as owner already.');
    end if;
    return casebase.invitation_json(v_invitation) || jsonb_build_object('token', v_token);
end
$$;

create or replace function public.invite_member(tenant_id uuid, email text, role text) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.invite_member(tenant_id, email, role)
$$;

comment on function public.invite_member(uuid, text, text) is
    'Invite somebody to a tenant by their e-mail address: with the token they join, once and within seven days, at '
    '/console/invitations/<token> or by accept_invitation. Invited again, they get another token and the one before ends. An '
    'admin invites no owner. Returns {invitation_id, tenant_id, email, role, invited_by, created_at, expires_at, token}; the '
    'token this once. For the tenant''s owners and admins, and the service. 403 administrator_required, owner_required; 404 '
    'tenant_not_found; 409 already_member; 422 invalid_input.';

revoke execute on function casebase.invite_member(uuid, text, text), public.invite_member(uuid, text, text)
from public, anon, authenticated, service_role;
grant execute on function casebase.invite_member(uuid, text, text), public.invite_member(uuid, text, text)
to authenticated, service_role;
