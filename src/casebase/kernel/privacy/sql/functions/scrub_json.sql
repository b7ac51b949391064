-- Keys are scrubbed as well as values: a form builder may use an e-mail address as a key.
create or replace function casebase.scrub_json(
    value jsonb,
    subject text[] default '{}',
    is_term_masked boolean default true
) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    -- Eight digits may be an amount of money; under such a key they are not.
    v_number_key constant text :=
        '(^|[^a-z])(phone|mobile|tel|telephone|whatsapp|nric|fin|passport|postal_?code|postcode|account|acct|ssn|social_?security)(_?(no|number))?$';
    v_digits text;
begin
    case jsonb_typeof(value)
        when 'string' then
            return to_jsonb(casebase.scrub_text(value #>> '{}', subject, is_term_masked));
        when 'number' then
            -- A telephone or card number is personal data without its quotes too; an amount of money is not.
            -- One that no reader can parse is nobody's amount.
            v_digits := trim_scale(abs((value #>> '{}')::numeric))::text;
            return case when length(value #>> '{}') > 40 then '"[number]"'::jsonb
                        when v_digits ~ '^\d{10,}$' and casebase.scrub_text(v_digits, subject, is_term_masked) <> v_digits
                        then to_jsonb(casebase.scrub_text(v_digits, subject, is_term_masked)) else value end;
        when 'object' then
            return (select coalesce(jsonb_object_agg(casebase.scrub_text(e.key, subject, is_term_masked), case
                        when regexp_replace(e.key, '([a-z0-9])([A-Z])', '\1_\2', 'g') ~* v_number_key
                             and casebase.fold_text(e.value #>> '{}') ~ '\d(?:[ ./-]{0,2}\d){4}' then '"[number]"'
                        else casebase.scrub_json(e.value, subject, is_term_masked) end), '{}')
                    from jsonb_each(value) e);
        when 'array' then
            return (select coalesce(jsonb_agg(casebase.scrub_json(e.value, subject, is_term_masked) order by e.ordinality), '[]')
                    from jsonb_array_elements(value) with ordinality e (value, ordinality));
        else
            return value;
    end case;
end
$$;

comment on function casebase.scrub_json(jsonb, text[], boolean) is 'casebase.scrub_text for every key and value of a JSON document.';

revoke execute on function casebase.scrub_json(jsonb, text[], boolean) from public;
grant execute on function casebase.scrub_json(jsonb, text[], boolean) to service_role, authenticated, casebase_api;
