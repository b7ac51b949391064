create or replace function notifications.add_counts(counts jsonb, more jsonb) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select coalesce(jsonb_object_agg(t.scenario_type, t.outcomes), '{}')
    from (
        select c.scenario_type, jsonb_object_agg(c.outcome, c.count) as outcomes
        from (
            select s.key as scenario_type, o.key as outcome, sum(o.value::bigint) as count
            from (select counts as value union all select more) both_sides
            cross join lateral jsonb_each(both_sides.value) s
            cross join lateral jsonb_each_text(s.value) o
            group by s.key, o.key
        ) c
        group by c.scenario_type
    ) t
$$;

comment on function notifications.add_counts(jsonb, jsonb) is 'The sum of two documents {scenario_type: {outcome: count}}.';

revoke execute on function notifications.add_counts(jsonb, jsonb) from public;
