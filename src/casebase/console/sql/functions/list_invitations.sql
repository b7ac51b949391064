-- Definer: as list_members.
create or replace function casebase.list_invitations(tenant_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
#variable_conflict use_variable
begin
    perform casebase.require_tenant_administrator(tenant_id);
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(
            casebase.invitation_json(i) || jsonb_build_object('invited_by_email', u.email) order by i.created_at desc, i.id), '[]')
        from casebase.open_invitations(tenant_id, null) i
        left join auth.users u on u.id = i.invited_by));
end
$$;

create or replace function public.list_invitations(tenant_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.list_invitations(tenant_id)
$$;

comment on function public.list_invitations(uuid) is
    'The invitations to a tenant that can still be accepted, latest first: {items: [{invitation_id, tenant_id, email, role, '
    'invited_by, invited_by_email, created_at, expires_at}]}, without tokens. For its owners and admins, and the service. 403 '
    'administrator_required; 404 tenant_not_found.';

revoke execute on function casebase.list_invitations(uuid), public.list_invitations(uuid)
from public, anon, authenticated, service_role;
grant execute on function casebase.list_invitations(uuid), public.list_invitations(uuid) to authenticated, service_role;
