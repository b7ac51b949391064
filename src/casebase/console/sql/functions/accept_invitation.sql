-- Definer: as set_member_role. The token alone is not enough: the account must have the address that was invited.
create or replace function casebase.accept_invitation(token text) returns jsonb
    language sql security definer
    set search_path = ''
as $$
    select casebase.join_by_invitation(casebase.hash_token(coalesce(token, '')), auth.uid())
$$;

create or replace function public.accept_invitation(token text) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.accept_invitation(token)
$$;

comment on function public.accept_invitation(text) is
    'Join the tenant that one was invited to, with the token of the link: once, within seven days, and only by an account with '
    'the invited e-mail address. Returns {tenant_id, user_id, role}. For people who are signed in. 404 invitation_not_found.';

revoke execute on function casebase.accept_invitation(text), public.accept_invitation(text)
from public, anon, authenticated, service_role;
grant execute on function casebase.accept_invitation(text), public.accept_invitation(text) to authenticated;
