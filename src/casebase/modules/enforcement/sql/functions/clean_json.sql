create or replace function enforcement.clean_json(judgment_id uuid, value jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select case when coalesce(nullif(value, 'null'), '{}') = '{}' then '{}'
                else casebase.scrub_json(value, enforcement.subject_of(judgment_id), false) end
$$;

comment on function enforcement.clean_json(uuid, jsonb) is 'A payload about a judgment without personal data; an empty object for nothing.';

revoke execute on function enforcement.clean_json(uuid, jsonb) from public;
