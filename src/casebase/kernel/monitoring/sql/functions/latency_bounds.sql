create or replace function casebase.latency_bounds() returns double precision[]
    language sql immutable parallel safe
    set search_path = ''
as $$
    select array[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]::double precision[]
$$;

comment on function casebase.latency_bounds() is
    'The upper bounds of the buckets of calls, in seconds; equal to casebase.kernel.db.calls.BOUNDS_S.';

revoke execute on function casebase.latency_bounds() from public;
