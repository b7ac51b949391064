create or replace function mortgage.clean_text(case_row public.scenario_cases, value text, field text) returns text
    language plpgsql stable
    set search_path = ''
as $$
begin
    if mortgage.has_rate(value) then
        perform mortgage.refuse_rate(field);
    end if;
    return casebase.scrub_text(value, mortgage.subject_of(case_row.lead_id));
end
$$;

comment on function mortgage.clean_text(public.scenario_cases, text, text) is
    'Free text as it may be stored: 422 rate_leak naming the field if it tells a rate, else masked, the case''s own subject too.';

revoke execute on function mortgage.clean_text(public.scenario_cases, text, text) from public;
