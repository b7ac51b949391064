create or replace function enforcement.docket_number(value text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select upper(btrim(regexp_replace(value, '\s+', ' ', 'g')))
$$;

comment on function enforcement.docket_number(text) is 'A court''s case number as it is written everywhere.';

revoke execute on function enforcement.docket_number(text) from public;
