create or replace function casebase.list_function_names() returns setof text
    language sql stable
    set search_path = ''
as $$
    select distinct p.proname::text from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
$$;

comment on function casebase.list_function_names() is 'The names that casebase.rpc can call: those that a metric may be labelled with.';

revoke execute on function casebase.list_function_names() from public;
grant execute on function casebase.list_function_names() to casebase_api;
