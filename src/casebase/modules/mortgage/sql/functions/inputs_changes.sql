create or replace function mortgage.inputs_changes(before jsonb, after jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    with fields as (
        select side.place, f.field, f.value
        from (values (1, before), (2, after)) side (place, inputs)
        cross join lateral (
            select e.key, case e.key
                when 'current_bank' then mortgage.mask_banks(e.value, true)
                else e.value end
            from jsonb_each(side.inputs - 'income_profile') e
            union all
            select 'income_profile.' || e.key, e.value from jsonb_each(side.inputs -> 'income_profile') e
        ) f (field, value)
    )
    select coalesce(
        jsonb_object_agg(field, case field
            -- That the rate changed may be told, the rate itself may not.
            when 'current_rate' then jsonb_build_array(
                case when b.value is not null then '[rate]' end, case when a.value is not null then '[rate]' end)
            else jsonb_build_array(b.value, a.value) end),
        '{}')
    from (select * from fields where place = 1) b
    full join (select * from fields where place = 2) a using (field)
    where b.value is distinct from a.value
$$;

comment on function mortgage.inputs_changes(jsonb, jsonb) is
    'What differs between two versions of inputs, {field: [before, after]}: banks as masks, no actual rate.';

revoke execute on function mortgage.inputs_changes(jsonb, jsonb) from public;
