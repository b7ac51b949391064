create or replace function enforcement.actor_type() returns public.enforcement_actor_type
    language sql stable
    set search_path = ''
as $$
    select (case when casebase.calling_role() = 'authenticated' then 'user'
                 when auth.jwt() ->> 'client' = 'job' then 'automation'
                 else 'rpc' end)::public.enforcement_actor_type
$$;

comment on function enforcement.actor_type() is
    'What kind of actor calls: user for a signed-in person, automation for a job (its claims say client: job), rpc for other '
    'programs. Nightly work says automation itself.';

revoke execute on function enforcement.actor_type() from public;
