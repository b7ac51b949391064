-- Only names of places and UTC: the server would also take abbreviations, and rules of its own that nobody writes down.
-- It takes any case, Python only the right one: what it made of the name is compared. Setting it, until the function ends,
-- is faster than reading the hundreds of files behind pg_timezone_names.
create or replace function casebase.is_time_zone(name text) returns boolean
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
begin
    return name is not null and (
        name = 'UTC'
        or (name ~ '^[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+$' and pg_catalog.set_config('TimeZone', name, true) = name));
exception when invalid_parameter_value then
    return false;
end
$$;

comment on function casebase.is_time_zone(text) is 'Whether a name is a time zone''s, such as America/New_York.';

revoke execute on function casebase.is_time_zone(text) from public;
