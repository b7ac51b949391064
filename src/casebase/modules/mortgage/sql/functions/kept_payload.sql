-- A list of what stays, not of what goes: a key that somebody invents tomorrow is erased. Below a kept key the same
-- rules hold, so a text survives only where it is a word of ours, a mask, a time or an id.
create or replace function mortgage.kept_payload(payload jsonb, keys text[], subject text[] default '{}') returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
begin
    case jsonb_typeof(payload)
        when 'object' then
            return (
                select coalesce(jsonb_object_agg(e.key, mortgage.kept_payload(e.value, keys, subject)), '{}')
                from jsonb_each(payload) e where e.key = any (keys));
        when 'array' then
            return (
                select coalesce(jsonb_agg(mortgage.kept_payload(e.value, keys, subject) order by e.ordinality), '[]')
                from jsonb_array_elements(payload) with ordinality e (value, ordinality));
        when 'string' then
            return case
                when payload #>> '{}' ~ '^(?:#?[a-z][a-z0-9_]{0,39}|Bank [A-Z]{1,3}|Other bank|\d{4}-\d\d-\d\d(?:[T ][0-9:.]{5,15}(?:Z|[+-]\d\d(?::?\d\d)?)?)?|(?:staff:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$'
                     and payload #>> '{}' !~ '^#?[a-z][a-z0-9_]*\d(_?\d){5}[a-z0-9_]*$'
                     and not mortgage.mentions(payload #>> '{}', subject)
                then payload else '""' end;
        else
            return payload;
    end case;
end
$$;

comment on function mortgage.kept_payload(jsonb, text[], text[]) is
    'An event''s payload without consent: the keys named (see mortgage.kept_keys), numbers, and texts that are words of '
    'ours, masks, times or ids and don''t name the subject; any other text is emptied.';

revoke execute on function mortgage.kept_payload(jsonb, text[], text[]) from public;
