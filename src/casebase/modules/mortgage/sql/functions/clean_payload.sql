-- Bounds come first: what follows calls itself for every level and looks at every text.
create or replace function mortgage.clean_payload(case_row public.scenario_cases, value jsonb, field text) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_leak text;
begin
    if octet_length(value::text) > 16384 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'maxBytes', 'must not exceed 16384 bytes'))));
    elsif value @? '$.**{6}' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'maxDepth', 'must not nest deeper than 5 levels'))));
    end if;

    v_leak := mortgage.rate_field(value, field);
    if v_leak is not null then
        perform mortgage.refuse_rate(v_leak);
    end if;
    return casebase.scrub_json(value, mortgage.subject_of(case_row.lead_id));
end
$$;

comment on function mortgage.clean_payload(public.scenario_cases, jsonb, text) is
    'A document as it may be stored, at most 16 KB and 5 levels: 422 rate_leak naming the field that tells a rate, else '
    'every key and text masked, the case''s own subject too.';

revoke execute on function mortgage.clean_payload(public.scenario_cases, jsonb, text) from public;
