-- Of a midnight that the clock has twice PostgreSQL takes the second: the hour before it is on that day's calendars too.
create or replace function frontdesk.first_moment_of(on_date date, time_zone text) returns timestamptz
    language sql stable
    set search_path = ''
as $$
    select case
        when (m.midnight - interval '1 hour') at time zone time_zone >= on_date then m.midnight - interval '1 hour'
        else m.midnight
    end
    from (select on_date::timestamp at time zone time_zone as midnight) m
$$;

comment on function frontdesk.first_moment_of(date, text) is
    'When a day begins in a time zone: at its first midnight where it has two, at one o''clock where it has none.';

revoke execute on function frontdesk.first_moment_of(date, text) from public;
