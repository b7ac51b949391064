-- Once consent has ended the private row may be gone: the mask still leads to the bank's code.
create or replace function mortgage.inputs_of(case_id uuid, version int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'loan_amount', i.loan_amount,
        'tenure_months', i.tenure_months,
        'property_type', i.property_type,
        'current_bank', coalesce(p.bank_code, i.current_bank_mask),
        'current_rate', p.current_rate,
        'lock_in_remaining', i.lock_in_remaining,
        'owner_occupied', i.owner_occupied,
        'income_profile', i.income_profile_json))
    from public.scenario_inputs i
    left join mortgage.private_inputs p using (case_id, tenant_id, version)
    where i.case_id = inputs_of.case_id and i.version = inputs_of.version
$$;

comment on function mortgage.inputs_of(uuid, int) is
    'A version of a case''s inputs as they were given (mortgage.inputs_schema), bank code and actual rate included.';

revoke execute on function mortgage.inputs_of(uuid, int) from public;
