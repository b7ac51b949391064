-- As Prometheus' histogram_quantile, so that both tell the same: within its bucket a quantile is where it would be if calls
-- were spread evenly, and in the open bucket it is the highest bound.
create or replace function casebase.bucket_quantile(buckets bigint[], quantile double precision) returns double precision
    language plpgsql immutable strict parallel safe
    set search_path = ''
as $$
declare
    v_bounds constant double precision[] := casebase.latency_bounds();
    v_rank double precision := 0;
    v_below bigint := 0;
    v_lower double precision := 0;
begin
    for i in 1..cardinality(buckets) loop
        v_rank := v_rank + buckets[i] * quantile;
    end loop;
    if v_rank = 0 then
        return null;
    end if;
    for i in 1..cardinality(v_bounds) loop
        if v_below + buckets[i] >= v_rank then
            return v_lower + (v_bounds[i] - v_lower) * (v_rank - v_below) / buckets[i];
        end if;
        v_below := v_below + buckets[i];
        v_lower := v_bounds[i];
    end loop;
    return v_lower;
end
$$;

comment on function casebase.bucket_quantile(bigint[], double precision) is
    'The duration in seconds that a share (0 to 1) of the calls stayed within; null without calls, 10 for whatever is above.';

revoke execute on function casebase.bucket_quantile(bigint[], double precision) from public;
