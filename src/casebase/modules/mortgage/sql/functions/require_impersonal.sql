-- Names and labels can't be masked: they would no longer name anything. So they are refused.
create or replace function mortgage.require_impersonal(case_row public.scenario_cases, value text, field text, digits int)
    returns text
    language plpgsql stable
    set search_path = ''
as $$
begin
    if not mortgage.is_impersonal(value, mortgage.subject_of(case_row.lead_id), digits) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'personal_data', 'must not tell of a person or a bank'))));
    end if;
    return value;
end
$$;

comment on function mortgage.require_impersonal(public.scenario_cases, text, text, int) is
    'Return a name or label as it is; 422 invalid_input if it tells of a person or a bank, or has a number of more digits.';

revoke execute on function mortgage.require_impersonal(public.scenario_cases, text, text, int) from public;
