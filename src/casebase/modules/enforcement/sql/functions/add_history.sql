-- A mask may be longer than what it hides, so a note at its limit is cut after scrubbing.
create or replace function enforcement.add_history(
    case_row public.enforcement_cases,
    change text,
    delta jsonb,
    note text,
    actor text,
    actor_type public.enforcement_actor_type
) returns void
    language sql
    set search_path = ''
as $$
    insert into public.enforcement_history (tenant_id, enforcement_case_id, change, delta, note, actor, actor_type)
    values (case_row.tenant_id, case_row.id, change, coalesce(delta, '{}'),
            left(enforcement.clean_text(case_row.judgment_id, note), 4000), actor, actor_type)
$$;

comment on function enforcement.add_history(public.enforcement_cases, text, jsonb, text, text, public.enforcement_actor_type) is
    'Write what changed on a case, {field: {from, to}}, with the note scrubbed.';

revoke execute on function enforcement.add_history(public.enforcement_cases, text, jsonb, text, text, public.enforcement_actor_type)
from public;
