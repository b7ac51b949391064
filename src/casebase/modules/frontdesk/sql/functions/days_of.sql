create or replace function frontdesk.days_of(starts_at timestamptz, ends_at timestamptz) returns setof date
    language sql immutable
    set search_path = ''
as $$
    select d::date
    from generate_series(
        date_trunc('day', starts_at at time zone 'UTC'), ends_at at time zone 'UTC', interval '1 day') d
$$;

comment on function frontdesk.days_of(timestamptz, timestamptz) is 'The days, in UTC, that a time touches; none for no time.';

revoke execute on function frontdesk.days_of(timestamptz, timestamptz) from public;
