create or replace function notifications.quiet_ends_at(at timestamptz, timezone text, quiet_until time) returns timestamptz
    language sql immutable parallel safe
    set search_path = ''
as $$
    select min(e.ends_at)
    from generate_series(0, 1) day
    cross join lateral (
        select ((at at time zone timezone)::date + day + quiet_until) at time zone timezone as ends_at
    ) e
    where e.ends_at > at
$$;

comment on function notifications.quiet_ends_at(timestamptz, text, time) is
    'When quiet hours that hold at a moment end: the next quiet_until on the clock of the time zone.';

revoke execute on function notifications.quiet_ends_at(timestamptz, text, time) from public;
