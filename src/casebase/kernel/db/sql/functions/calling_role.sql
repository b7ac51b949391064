-- Not current_user: inside a definer function that is the owner.
create or replace function casebase.calling_role() returns text
    language sql stable
    set search_path = ''
as $$
    select coalesce(nullif(current_setting('role', true), 'none'), session_user::text)
$$;

comment on function casebase.calling_role() is 'The database role the call was made as, also inside a definer function.';

revoke execute on function casebase.calling_role() from public;
grant execute on function casebase.calling_role() to anon, authenticated, service_role;
