create or replace function casebase.add_buckets(a bigint[], b bigint[]) returns bigint[]
    language sql immutable strict parallel safe
    set search_path = ''
as $$
    select array_agg(u.a + u.b order by u.n) from unnest(add_buckets.a, add_buckets.b) with ordinality u (a, b, n)
$$;

comment on function casebase.add_buckets(bigint[], bigint[]) is 'The sums of two rows of buckets.';

revoke execute on function casebase.add_buckets(bigint[], bigint[]) from public;
