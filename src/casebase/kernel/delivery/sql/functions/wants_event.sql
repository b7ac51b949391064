create or replace function casebase.wants_event(event_types text[], event_type text) returns boolean
    language sql immutable parallel safe
    set search_path = ''
as $$
    select exists (
        select from unnest(event_types) p
        where p in ('*', event_type) or right(p, 2) = '.*' and starts_with(event_type, left(p, -1)))
$$;

comment on function casebase.wants_event(text[], text) is 'Whether an event''s type is among names, patterns such as mortgage.*, and *.';

revoke execute on function casebase.wants_event(text[], text) from public;
