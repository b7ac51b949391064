-- AI brokers, analysts and webhooks are told tags, so one tells a rate as little as any text; _ stands for a space or a point.
create or replace function mortgage.clean_tag(case_row public.scenario_cases, value text, field text) returns text
    language plpgsql stable
    set search_path = ''
as $$
begin
    if mortgage.has_rate(translate(regexp_replace(value, '(\d)_(?=\d)', '\1.', 'g'), '#_', '  ')) then
        perform mortgage.refuse_rate(field);
    end if;
    return mortgage.require_impersonal(case_row, value, field, 4);
end
$$;

comment on function mortgage.clean_tag(public.scenario_cases, text, text) is
    'Return a tag as it is: 422 rate_leak if it tells a rate, 422 invalid_input if a person, a bank or a long number.';

revoke execute on function mortgage.clean_tag(public.scenario_cases, text, text) from public;
