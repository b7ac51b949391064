-- Of who was removed, or may no longer invite as what they did, nothing is left open: the maker's role is asked for each time.
create or replace function casebase.open_invitations(tenant_id uuid, token_hash bytea) returns setof casebase.invitations
    language sql stable
    set search_path = ''
as $$
    select i.* from casebase.invitations i
    where (open_invitations.tenant_id is null or i.tenant_id = open_invitations.tenant_id)
      and (open_invitations.token_hash is null or i.token_hash = open_invitations.token_hash)
      and i.expires_at > casebase.now()
      and (i.invited_by is null or exists (
          select from public.tenant_users m
          where m.tenant_id = i.tenant_id and m.user_id = i.invited_by
            and (m.role = 'owner' or m.role = 'admin' and i.role <> 'owner')))
$$;

comment on function casebase.open_invitations(uuid, bytea) is
    'Invitations that can be accepted, of a tenant or by the hash of their token: neither over nor made by somebody who could '
    'not make them now.';

revoke execute on function casebase.open_invitations(uuid, bytea) from public;
