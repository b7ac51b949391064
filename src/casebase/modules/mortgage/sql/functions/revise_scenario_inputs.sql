-- Definer: the bank and the rate behind the latest version are in a table that no role is granted.
--
-- The patch is merged here, under the case's lock, so that two people who correct different fields at once both prevail.
create or replace function mortgage.revise_scenario_inputs(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_before jsonb;
    v_after jsonb;
    v_patch jsonb;
    v_version int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "inputs"],
        "properties": {"case_id": {"type": "string", "format": "uuid"}, "inputs": {"type": "object"}}
    }');
    v_case := mortgage.acting_case((payload ->> 'case_id')::uuid);
    if v_case.status = 'closed' then
        perform casebase.fail(409, 'case_closed', '{"field": "case_id"}');
    end if;

    v_before := mortgage.inputs_of(v_case.id, v_case.latest_input_version);
    v_patch := payload -> 'inputs';
    if jsonb_typeof(v_patch -> 'income_profile') = 'object' then
        v_patch := jsonb_set(v_patch, '{income_profile}', coalesce(v_before -> 'income_profile', '{}') || (v_patch -> 'income_profile'));
    end if;
    v_after := jsonb_strip_nulls(v_before || v_patch);
    perform casebase.require_valid(
        jsonb_build_object('inputs', v_after),
        jsonb_build_object('type', 'object', 'properties', jsonb_build_object('inputs', mortgage.inputs_schema())));

    v_version := mortgage.add_inputs(v_case.tenant_id, v_case.id, v_after, mortgage.actor());
    select * into v_case from public.scenario_cases c where c.id = v_case.id;
    perform mortgage.add_event(v_case, 'admin_edit', jsonb_build_object(
        'actor', mortgage.actor(),
        'input_version', v_version,
        'changes', mortgage.inputs_changes(v_before, mortgage.inputs_of(v_case.id, v_version))));
    perform mortgage.refresh_tags(v_case);
    return jsonb_build_object(
        'case_id', v_case.id,
        'input_version', v_version,
        'job_id', mortgage.queue_calculation(v_case.id, v_version));
end
$$;

create or replace function public.revise_scenario_inputs(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.revise_scenario_inputs(payload)
$$;

comment on function public.revise_scenario_inputs(jsonb) is
    'Correct a case''s inputs: {case_id, inputs}; fields left out stay as the latest version has them, null empties an optional '
    'one. Writes the next version with an admin_edit event and queues its advice. Returns case_id, input_version, job_id. '
    '404 case_not_found; 409 case_closed; 422 invalid_input.';

revoke execute on function mortgage.revise_scenario_inputs(jsonb), public.revise_scenario_inputs(jsonb)
from public, anon, authenticated, service_role;
grant execute on function mortgage.revise_scenario_inputs(jsonb), public.revise_scenario_inputs(jsonb)
to authenticated, service_role;
