create or replace function casebase.write_cursor(at timestamptz, id uuid) returns text
    language sql immutable
    set search_path = ''
    set timezone = 'UTC'
as $$
    select encode(convert_to(at::text || '|' || id, 'UTF8'), 'hex')
$$;

comment on function casebase.write_cursor(timestamptz, uuid) is
    'The next_cursor that casebase.read_cursor reads; null for none.';

revoke execute on function casebase.write_cursor(timestamptz, uuid) from public;
