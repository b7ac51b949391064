-- What a caller sends is checked here, so that a spoiled cursor is a 422 and never an error of a cast.
create or replace function enforcement.read_cursor(cursor text, types text[]) returns text[]
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_parts text[];
    v_value text;
    v_type text;
begin
    if cursor is null then
        return null;
    end if;
    v_parts := string_to_array(convert_from(decode(cursor, 'hex'), 'UTF8'), '|');
    if cardinality(v_parts) <> cardinality(types) then
        raise data_exception;
    end if;
    for v_value, v_type in select * from unnest(v_parts, types) loop
        case v_type
            when 'integer' then perform v_value::int;
            when 'bigint' then perform v_value::bigint;
            when 'numeric' then perform v_value::numeric;
            when 'uuid' then perform v_value::uuid;
            when 'timestamptz' then perform v_value::timestamptz;
            when 'judgment_priority_level' then perform v_value::public.judgment_priority_level;
            else null;
        end case;
    end loop;
    return v_parts;
exception
    when data_exception or invalid_text_representation then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('cursor', 'pattern', 'must be a next_cursor of the same list'))));
        return null;
end
$$;

comment on function enforcement.read_cursor(text, text[]) is
    'The parts of a next_cursor, each of its type; null for none; 422 invalid_input for what no list gave out.';

revoke execute on function enforcement.read_cursor(text, text[]) from public;
grant execute on function enforcement.read_cursor(text, text[]) to authenticated, service_role;
