-- On the wall clock, so hours keep their meaning when clocks change; 22:00 to 07:00 goes over midnight.
create or replace function notifications.is_quiet(at timestamptz, timezone text, quiet_from time, quiet_until time)
    returns boolean
    language sql immutable parallel safe
    set search_path = ''
as $$
    select case
        when quiet_from is null then false
        when quiet_from < quiet_until
            then (at at time zone timezone)::time >= quiet_from and (at at time zone timezone)::time < quiet_until
        else (at at time zone timezone)::time >= quiet_from or (at at time zone timezone)::time < quiet_until
    end
$$;

comment on function notifications.is_quiet(timestamptz, text, time, time) is
    'Whether a moment lies in quiet hours: from quiet_from on, until before quiet_until, on the clock of the time zone.';

revoke execute on function notifications.is_quiet(timestamptz, text, time, time) from public;
