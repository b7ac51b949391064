-- Definer: as set_member_role.
create or replace function casebase.withdraw_invitation(invitation_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_invitation casebase.invitations;
    v_caller text;
begin
    select * into v_invitation from casebase.invitations i where i.id = invitation_id;
    -- Another's is refused as one that does not exist.
    if v_invitation.id is null
       or casebase.calling_role() <> 'service_role' and not v_invitation.tenant_id = any (casebase.member_tenants()) then
        perform casebase.fail(404, 'invitation_not_found', '{"field": "invitation_id"}');
    end if;
    v_caller := casebase.require_tenant_administrator(v_invitation.tenant_id);
    if v_caller = 'admin' and v_invitation.role = 'owner' then
        perform casebase.fail(403, 'owner_required', '{"field": "invitation_id"}', 'Ask an owner of the tenant.');
    end if;
    delete from casebase.invitations i where i.id = invitation_id;
    if not found then
        -- Accepted while we looked.
        perform casebase.fail(404, 'invitation_not_found', '{"field": "invitation_id"}');
    end if;
    return jsonb_build_object('invitation_id', invitation_id);
end
$$;

create or replace function public.withdraw_invitation(invitation_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.withdraw_invitation(invitation_id)
$$;

comment on function public.withdraw_invitation(uuid) is
    'Take an invitation back: its link is worth nothing from now on. Returns {invitation_id}. For the tenant''s owners and '
    'admins (one to be an owner: owners), and the service. 403 administrator_required, owner_required; 404 invitation_not_found.';

revoke execute on function casebase.withdraw_invitation(uuid), public.withdraw_invitation(uuid)
from public, anon, authenticated, service_role;
grant execute on function casebase.withdraw_invitation(uuid), public.withdraw_invitation(uuid) to authenticated, service_role;
