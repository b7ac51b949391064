create or replace function frontdesk.metric_errors(metric jsonb, path text) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    -- A reading is rounded, so it may have any number of decimals.
    v_errors jsonb := casebase.validation_errors((case
        when jsonb_typeof(metric) = 'object' and jsonb_typeof(metric -> 'value') = 'number'
            then jsonb_set(metric, '{value}', to_jsonb(trunc((metric ->> 'value')::numeric)))
        else metric end), '{
        "type": "object",
        "required": ["name", "value"],
        "properties": {
            "name": {"type": "string", "maxLength": 100, "pattern": "^ *[A-Za-z0-9]([A-Za-z0-9_.:/ -]*[A-Za-z0-9])? *$",
                     "description": "must be letters and digits, with _ . : / - or spaces between them"},
            "value": {"type": "number", "minimum": -9.99e29, "maximum": 9.99e29},
            "tags": {"type": "object", "maxBytes": 1000},
            "at": {"type": "string", "format": "date-time"}
        }
    }', path);
    v_prefix constant text := case when path = '' then '' else path || '.' end;
    v_at timestamptz;
begin
    if v_errors <> '[]' then
        return v_errors;
    end if;
    if jsonb_typeof(metric -> 'tags') = 'object' then
        if jsonb_array_length(jsonb_path_query_array(metric -> 'tags', '$.*')) > 16 then
            v_errors := v_errors || casebase.validation_error(v_prefix || 'tags', 'maxItems', 'must have at most 16 keys');
        elsif jsonb_path_exists(metric -> 'tags', 'strict $.* ? (@.type() == "object" || @.type() == "array")') then
            v_errors := v_errors || casebase.validation_error(
                v_prefix || 'tags', 'type', 'must hold texts, numbers and booleans');
        end if;
    end if;
    v_at := (metric ->> 'at')::timestamptz;
    if v_at < '2000-01-01Z' or v_at > casebase.now() + interval '1 day' then
        v_errors := v_errors || casebase.validation_error(
            v_prefix || 'at', 'range', 'must lie between the year 2000 and tomorrow');
    end if;
    return v_errors;
end
$$;

comment on function frontdesk.metric_errors(jsonb, text) is
    'What a metric {name, value, tags?, at?} breaks, as casebase.validation_errors tells it.';

revoke execute on function frontdesk.metric_errors(jsonb, text) from public;
