-- Names and labels can't be masked: they would no longer name anything. So they are refused, also when _ or - stands for
-- a space. Digits count as one number unless letters part them, and a date is no number of a person.
create or replace function mortgage.require_impersonal(case_row public.scenario_cases, value text, field text, digits int)
    returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_words text := initcap(regexp_replace(value, '[^[:alpha:]]+', ' ', 'g'));
begin
    if casebase.scrub_text(v_words, mortgage.subject_of(case_row.lead_id)) <> v_words
       or regexp_replace(value, '20\d\d-?[01]\d-?[0-3]\d|[01]\d-?20\d\d', '', 'g') ~ format('\d([^[:alnum:]]*\d){%s}', digits) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'personal_data', 'must not tell of a person or a bank'))));
    end if;
    return value;
end
$$;

comment on function mortgage.require_impersonal(public.scenario_cases, text, text, int) is
    'Return a name or label as it is; 422 invalid_input if it tells of a person or a bank, or has a number of more digits.';

revoke execute on function mortgage.require_impersonal(public.scenario_cases, text, text, int) from public;
