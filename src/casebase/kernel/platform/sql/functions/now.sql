-- `now()` moved by the session setting casebase.clock_offset, so that tests can travel.
create or replace function casebase.now() returns timestamptz
    language sql stable parallel safe
    set search_path = ''
as $$
    select now() + coalesce(nullif(current_setting('casebase.clock_offset', true), '')::interval, interval '0')
$$;

comment on function casebase.now() is 'The product''s clock: now(), moved by casebase.clock_offset (tests only).';

revoke execute on function casebase.now() from public;
grant execute on function casebase.now()
    to anon, authenticated, service_role, casebase_analyst, casebase_ai_broker, casebase_api;
