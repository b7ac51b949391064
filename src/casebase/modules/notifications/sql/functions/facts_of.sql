-- The service writes the table too, and may put anything under these names.
create or replace function notifications.facts_of(milestone_value int, metadata jsonb) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select jsonb_build_object(
        'milestone_value', milestone_value,
        'days', case when jsonb_typeof(metadata -> 'days') = 'number' then metadata -> 'days' end,
        'certification_count',
        case when jsonb_typeof(metadata -> 'certifications') = 'array' then jsonb_array_length(metadata -> 'certifications') end)
$$;

comment on function notifications.facts_of(int, jsonb) is
    'What a notification is about, in numbers: {milestone_value, days, certification_count}, null where it is about none.';

revoke execute on function notifications.facts_of(int, jsonb) from public;
