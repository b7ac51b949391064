create or replace function casebase.invitation_json(invitation casebase.invitations) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'invitation_id', invitation.id, 'tenant_id', invitation.tenant_id, 'email', invitation.email, 'role', invitation.role,
        'invited_by', invitation.invited_by, 'created_at', invitation.created_at, 'expires_at', invitation.expires_at)
$$;

comment on function casebase.invitation_json(casebase.invitations) is 'An invitation as replies tell it, without its token.';

revoke execute on function casebase.invitation_json(casebase.invitations) from public;
