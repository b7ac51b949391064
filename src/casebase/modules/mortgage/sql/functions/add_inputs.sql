-- The bank's name and the rate part ways with the rest here: they go where no client can read them.
create or replace function mortgage.add_inputs(tenant_id uuid, case_id uuid, inputs jsonb, created_by text) returns int
    language plpgsql
    set search_path = ''
as $$
declare
    v_bank_code text := mortgage.bank_code_of(inputs ->> 'current_bank');
    v_version int;
begin
    update public.scenario_cases c
    set latest_input_version = c.latest_input_version + 1, recommendation = null, net_savings = 0
    where c.id = add_inputs.case_id and c.tenant_id = add_inputs.tenant_id
    returning c.latest_input_version into strict v_version;

    insert into public.scenario_inputs (
        tenant_id, case_id, version, loan_amount, tenure_months, property_type, current_bank_mask,
        lock_in_remaining, owner_occupied, income_profile_json, created_by)
    select add_inputs.tenant_id, add_inputs.case_id, v_version,
           (inputs ->> 'loan_amount')::numeric,
           (inputs ->> 'tenure_months')::numeric::int,
           (inputs ->> 'property_type')::public.scenario_property_type,
           b.mask,
           coalesce((inputs ->> 'lock_in_remaining')::numeric::int, 0),
           coalesce((inputs ->> 'owner_occupied')::boolean, true),
           nullif(inputs -> 'income_profile', 'null'),
           add_inputs.created_by
    from mortgage.banks b
    where b.code = v_bank_code;

    insert into mortgage.private_inputs (tenant_id, case_id, version, bank_code, current_rate)
    values (add_inputs.tenant_id, add_inputs.case_id, v_version, v_bank_code, (inputs ->> 'current_rate')::numeric);
    return v_version;
end
$$;

comment on function mortgage.add_inputs(uuid, uuid, jsonb, text) is
    'Write checked inputs as the case''s next version, bank masked, and return its number.';

revoke execute on function mortgage.add_inputs(uuid, uuid, jsonb, text) from public;
