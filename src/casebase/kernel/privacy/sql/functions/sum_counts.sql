create or replace function casebase.sum_counts(a jsonb, b jsonb) returns jsonb
    language sql immutable parallel safe
    set search_path = ''
as $$
    select coalesce(jsonb_object_agg(s.key, s.total), '{}')
    from (
        select e.key, sum(e.value::bigint) as total
        from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) e
        group by e.key
        having sum(e.value::bigint) <> 0
    ) s
$$;

comment on function casebase.sum_counts(jsonb, jsonb) is 'Two objects of counts added up key by key; what is zero is left out.';

revoke execute on function casebase.sum_counts(jsonb, jsonb) from public;
