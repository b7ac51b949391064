-- Keys are scrubbed as well as values: a form builder may use an e-mail address as a key.
create or replace function casebase.scrub_json(value jsonb, subject text[] default '{}') returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
begin
    case jsonb_typeof(value)
        when 'string' then
            return to_jsonb(casebase.scrub_text(value #>> '{}', subject));
        when 'number' then
            -- A telephone or card number is personal data without its quotes too; any other number is left alone.
            return case when casebase.scrub_text(value #>> '{}', subject) = value #>> '{}' or length(value #>> '{}') < 10
                        then value else to_jsonb(casebase.scrub_text(value #>> '{}', subject)) end;
        when 'object' then
            return (select coalesce(jsonb_object_agg(casebase.scrub_text(e.key, subject), casebase.scrub_json(e.value, subject)), '{}')
                    from jsonb_each(value) e);
        when 'array' then
            return (select coalesce(jsonb_agg(casebase.scrub_json(e.value, subject) order by e.ordinality), '[]')
                    from jsonb_array_elements(value) with ordinality e (value, ordinality));
        else
            return value;
    end case;
end
$$;

comment on function casebase.scrub_json(jsonb, text[]) is 'casebase.scrub_text for every key and value of a JSON document.';

revoke execute on function casebase.scrub_json(jsonb, text[]) from public;
grant execute on function casebase.scrub_json(jsonb, text[]) to service_role, authenticated, casebase_api;
