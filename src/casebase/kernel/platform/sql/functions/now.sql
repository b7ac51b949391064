-- `now()` moved by the session setting casebase.clock_offset, so that tests can travel.
create or replace function casebase.now() returns timestamptz
    language sql stable parallel safe
    set search_path = ''
as $$
    select now() + coalesce(nullif(current_setting('casebase.clock_offset', true), '')::interval, interval '0')
$$;

comment on function casebase.now() is 'The product''s clock: now(), moved by casebase.clock_offset (tests only).';

grant execute on function casebase.now() to public;
