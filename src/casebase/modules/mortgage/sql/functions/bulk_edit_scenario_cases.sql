-- Definer: as edit_scenario_case. Cases are locked in the order of their ids, so two bulk edits cannot deadlock.
create or replace function mortgage.bulk_edit_scenario_cases(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_is_preview boolean;
    v_case_id uuid;
    v_case public.scenario_cases;
    v_changes jsonb;
    v_items jsonb := '[]'::jsonb;
    v_unchanged_count int := 0;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_ids", "edit"]'::jsonb,
        'properties', jsonb_build_object(
            'case_ids', '{"type": "array", "minItems": 1, "maxItems": 200,
                          "items": {"type": "string", "format": "uuid"}}'::jsonb,
            'edit', mortgage.edit_schema() #- '{properties,notes}',
            'is_preview', '{"type": "boolean"}'::jsonb)));
    v_is_preview := coalesce((payload ->> 'is_preview')::boolean, true);

    for v_case_id in
        select distinct i::uuid from jsonb_array_elements_text(payload -> 'case_ids') i order by i::uuid
    loop
        v_case := mortgage.acting_case(v_case_id);
        v_changes := mortgage.case_changes(v_case, payload -> 'edit');
        if v_changes = '{}' then
            v_unchanged_count := v_unchanged_count + 1;
            continue;
        end if;
        v_items := v_items || jsonb_build_object(
            'case_id', v_case.id, 'reference', v_case.reference, 'initials', v_case.initials, 'changes', v_changes);
        if not v_is_preview then
            perform mortgage.write_edit(v_case, v_changes);
        end if;
    end loop;

    return jsonb_build_object(
        'is_preview', v_is_preview,
        'items', v_items,
        'changed_count', jsonb_array_length(v_items),
        'unchanged_count', v_unchanged_count);
end
$$;

create or replace function public.bulk_edit_scenario_cases(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.bulk_edit_scenario_cases(payload)
$$;

comment on function public.bulk_edit_scenario_cases(jsonb) is
    'Change up to 200 cases alike, all or none: {case_ids, edit {next_review_at, status, add_tags, remove_tags}, '
    'is_preview = true}. Returns {is_preview, items [{case_id, reference, initials, changes}], changed_count, '
    'unchanged_count}; a preview writes nothing. 404 case_not_found; 422 invalid_input.';

revoke execute on function mortgage.bulk_edit_scenario_cases(jsonb), public.bulk_edit_scenario_cases(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.bulk_edit_scenario_cases(jsonb), public.bulk_edit_scenario_cases(jsonb)
    to authenticated, service_role;
