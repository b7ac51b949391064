-- What a caller sends is checked here, so that a spoiled cursor is a 422 and never an error of a cast.
create or replace function casebase.read_cursor(cursor text, out at timestamptz, out id uuid)
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_parts text[];
begin
    if cursor is null then
        return;
    end if;
    v_parts := string_to_array(convert_from(decode(cursor, 'hex'), 'UTF8'), '|');
    if cardinality(v_parts) <> 2 then
        raise data_exception;
    end if;
    at := v_parts[1]::timestamptz;
    id := v_parts[2]::uuid;
exception
    when data_exception or invalid_text_representation then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('cursor', 'pattern', 'must be a next_cursor of the same list'))));
end
$$;

comment on function casebase.read_cursor(text) is
    'The moment and id that a next_cursor names; nulls for none; 422 invalid_input for what no list gave out.';

revoke execute on function casebase.read_cursor(text) from public;
