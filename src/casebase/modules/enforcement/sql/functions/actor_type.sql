create or replace function enforcement.actor_type() returns public.enforcement_actor_type
    language sql stable
    set search_path = ''
as $$
    select (case casebase.calling_role() when 'authenticated' then 'user' else 'rpc' end)::public.enforcement_actor_type
$$;

comment on function enforcement.actor_type() is 'What kind of actor calls: user for a signed-in person, rpc for programs. Nightly work says automation itself.';

revoke execute on function enforcement.actor_type() from public;
