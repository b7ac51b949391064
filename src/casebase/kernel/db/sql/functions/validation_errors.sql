-- JSON Schema's keywords, as far as RPC payloads need them, checked inside the database: an RPC can be called without
-- any server in front. Unknown fields are refused (additionalProperties is always false). Values are never echoed.
--
-- Keywords: type (or an array of types), required, properties, enum, minimum, maximum, exclusiveMinimum, multipleOf,
-- minLength, maxLength, pattern, format (uuid, email, date, date-time), items, minItems, maxItems; maxBytes bounds a
-- free-form object.
-- A field that is null counts as absent. After twenty errors nobody reads on, and nothing is looked for any more; a number
-- has at most forty digits, since what a reader cannot parse must not be stored.
create or replace function casebase.validation_errors(value jsonb, schema jsonb, path text default '') returns jsonb
    language plpgsql stable parallel safe
    set search_path = ''
as $$
declare
    v_type text := jsonb_typeof(value);
    -- Of several types the one that it has is gone on with.
    v_wanted text := case
        when jsonb_typeof(schema -> 'type') <> 'array' then schema ->> 'type'
        when schema -> 'type' ? v_type then v_type
        else (select string_agg(t, ' or ') from jsonb_array_elements_text(schema -> 'type') t) end;
    v_text text := value #>> '{}';
    v_number numeric;
    v_errors jsonb := '[]'::jsonb;
    v_key text;
    v_item jsonb;
    v_index int := 0;
    v_prefix text := case when path = '' then '' else path || '.' end;
begin
    if v_type is distinct from (case when v_wanted = 'integer' then 'number' else v_wanted end)
       or (v_wanted = 'integer' and (v_text)::numeric % 1 <> 0) then
        return jsonb_build_array(casebase.validation_error(path, 'type', format('must be of type %s', v_wanted)));
    end if;

    if v_wanted = 'object' then
        if schema ? 'properties' then
            for v_key in select k from jsonb_object_keys(value) k where not (schema -> 'properties') ? k order by k limit 20 loop
                v_errors := v_errors || casebase.validation_error(v_prefix || left(v_key, 64), 'unknown', 'is not a known field');
            end loop;
            for v_key in select k from jsonb_object_keys(schema -> 'properties') k order by k loop
                if coalesce(value -> v_key, 'null') = 'null' then
                    if coalesce(schema -> 'required', '[]') ? v_key then
                        v_errors := v_errors || casebase.validation_error(v_prefix || v_key, 'required', 'is missing');
                    end if;
                else
                    v_errors := v_errors ||
                        casebase.validation_errors(value -> v_key, schema -> 'properties' -> v_key, v_prefix || v_key);
                end if;
            end loop;
        end if;
        if octet_length(value::text) > (schema ->> 'maxBytes')::int then
            v_errors := v_errors || casebase.validation_error(path, 'maxBytes', format('must not exceed %s bytes', schema ->> 'maxBytes'));
        end if;

    elsif v_wanted = 'array' then
        if jsonb_array_length(value) < (schema ->> 'minItems')::int then
            v_errors := v_errors || casebase.validation_error(path, 'minItems', case schema ->> 'minItems'
                when '1' then 'is needed' else format('must have at least %s items', schema ->> 'minItems') end);
        end if;
        if jsonb_array_length(value) > (schema ->> 'maxItems')::int then
            return v_errors || casebase.validation_error(path, 'maxItems', format('must have at most %s items', schema ->> 'maxItems'));
        end if;
        for v_item in select i from jsonb_array_elements(value) i loop
            v_errors := v_errors || casebase.validation_errors(v_item, schema -> 'items', format('%s[%s]', path, v_index));
            v_index := v_index + 1;
            exit when jsonb_array_length(v_errors) > 20;
        end loop;

    elsif v_type = 'number' then
        v_number := v_text::numeric;
        if v_number < (schema ->> 'minimum')::numeric then
            v_errors := v_errors || casebase.validation_error(path, 'minimum', format('must be at least %s', schema ->> 'minimum'));
        elsif v_number <= (schema ->> 'exclusiveMinimum')::numeric then
            v_errors := v_errors || casebase.validation_error(path, 'exclusiveMinimum', format('must be more than %s', schema ->> 'exclusiveMinimum'));
        elsif v_number > (schema ->> 'maximum')::numeric then
            v_errors := v_errors || casebase.validation_error(path, 'maximum', format('must be at most %s', schema ->> 'maximum'));
        elsif length(v_text) > 40 then
            v_errors := v_errors || casebase.validation_error(path, 'digits', 'must have at most 40 digits');
        elsif v_number % (schema ->> 'multipleOf')::numeric <> 0 then
            v_errors := v_errors || casebase.validation_error(path, 'multipleOf', format('must be a multiple of %s', schema ->> 'multipleOf'));
        end if;

    elsif v_type = 'string' then
        if length(v_text) < (schema ->> 'minLength')::int then
            v_errors := v_errors || casebase.validation_error(path, 'minLength', case schema ->> 'minLength'
                when '1' then 'is needed' else format('must have at least %s characters', schema ->> 'minLength') end);
        elsif length(v_text) > coalesce((schema ->> 'maxLength')::int, 10000) then
            v_errors := v_errors || casebase.validation_error(path, 'maxLength', format('must have at most %s characters', coalesce(schema ->> 'maxLength', '10000')));
        elsif v_text !~ coalesce(schema ->> 'pattern', '') then
            v_errors := v_errors || casebase.validation_error(path, 'pattern', coalesce(schema ->> 'description', 'does not have the specified form'));
        elsif not casebase.has_format(v_text, schema ->> 'format') then
            v_errors := v_errors || casebase.validation_error(path, 'format', format('must be a valid %s', schema ->> 'format'));
        end if;
    end if;

    if schema ? 'enum' and not (schema -> 'enum') @> jsonb_build_array(value) then
        v_errors := v_errors || casebase.validation_error(path, 'enum',
            'must be one of ' || (select string_agg(e, ', ') from jsonb_array_elements_text(schema -> 'enum') e));
    end if;
    return v_errors;
end
$$;

comment on function casebase.validation_errors(jsonb, jsonb, text) is
    'Check a value against a JSON Schema subset and list {field, rule, message} for each breach, values never echoed.';

revoke execute on function casebase.validation_errors(jsonb, jsonb, text) from public;
grant execute on function casebase.validation_errors(jsonb, jsonb, text) to anon, authenticated, service_role;
