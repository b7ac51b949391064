-- Definer: which tenant is the installation's is not told to people. A policy asks it, once a statement.
create or replace function practice.is_administrator() returns boolean
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce(casebase.default_tenant() = any (casebase.member_tenants(array['owner', 'admin'])), false)
$$;

comment on function practice.is_administrator() is
    'Whether the caller looks after the installation: its default tenant''s owners and admins do.';

revoke execute on function practice.is_administrator() from public;
grant execute on function practice.is_administrator() to authenticated;
