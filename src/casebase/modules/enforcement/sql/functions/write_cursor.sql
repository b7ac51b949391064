create or replace function enforcement.write_cursor(parts text[]) returns text
    language sql immutable
    set search_path = ''
as $$
    select encode(convert_to(array_to_string(parts, '|'), 'UTF8'), 'hex')
$$;

comment on function enforcement.write_cursor(text[]) is 'The next_cursor that enforcement.read_cursor reads; null for none.';

revoke execute on function enforcement.write_cursor(text[]) from public;
grant execute on function enforcement.write_cursor(text[]) to authenticated, service_role;
