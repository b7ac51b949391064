-- Definer: staff read these tables and write them through functions alone.
create or replace function mortgage.edit_scenario_case(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_changes jsonb;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "edit"]'::jsonb,
        'properties', jsonb_build_object(
            'case_id', '{"type": "string", "format": "uuid"}'::jsonb,
            'if_updated_at', '{"type": "string", "format": "date-time"}'::jsonb,
            'edit', mortgage.edit_schema())));

    v_case := mortgage.acting_case((payload ->> 'case_id')::uuid);
    if (payload ->> 'if_updated_at')::timestamptz <> v_case.updated_at then
        perform casebase.fail(409, 'case_changed', '{"field": "if_updated_at"}', 'Read the case again, then repeat the edit.');
    end if;
    v_changes := mortgage.case_changes(v_case, payload -> 'edit');
    perform mortgage.write_edit(v_case, v_changes);
    return jsonb_build_object('case_id', v_case.id, 'changes', v_changes);
end
$$;

create or replace function public.edit_scenario_case(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.edit_scenario_case(payload)
$$;

comment on function public.edit_scenario_case(jsonb) is
    'Change what staff decide on a case: {case_id, edit {notes, next_review_at, status, add_tags, remove_tags}, '
    'if_updated_at?}; null empties a field. Returns {case_id, changes {field: [before, after]}}, logged as admin_edit. '
    '404 case_not_found; 409 case_changed when it is no longer as of if_updated_at; 422 invalid_input, rate_leak.';

revoke execute on function mortgage.edit_scenario_case(jsonb), public.edit_scenario_case(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.edit_scenario_case(jsonb), public.edit_scenario_case(jsonb) to authenticated, service_role;
