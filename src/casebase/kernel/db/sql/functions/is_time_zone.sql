-- Only names of places and UTC: the server would also take abbreviations, and rules of its own that nobody writes down.
-- Asking it is faster than reading the hundreds of files behind pg_timezone_names.
create or replace function casebase.is_time_zone(name text) returns boolean
    language plpgsql stable
    set search_path = ''
as $$
begin
    return (name = 'UTC' or name ~ '^[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+$') and now() at time zone name is not null;
exception when invalid_parameter_value then
    return false;
end
$$;

comment on function casebase.is_time_zone(text) is 'Whether a name is a time zone''s, such as America/New_York.';

revoke execute on function casebase.is_time_zone(text) from public;
