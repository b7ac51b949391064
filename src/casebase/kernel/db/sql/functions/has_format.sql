-- Years outside 1900 to 2199 are refused: infinity and year 10000, once stored, can't be read back by Python drivers.
create or replace function casebase.has_format(value text, format text) returns boolean
    language plpgsql stable parallel safe
    set search_path = ''
as $$
begin
    case format
        when 'uuid' then
            return value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
        when 'email' then
            return length(value) <= 254
                and value ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$'
                and value !~ '(^\.|\.\.|\.@)';
        when 'date' then
            return value ~ '^(19|20|21)\d\d-\d\d-\d\d$' and value::date is not null;
        when 'date-time' then
            return value ~ '^(19|20|21)\d\d-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)$'
                and value::timestamptz is not null;
        else
            return true;
    end case;
exception when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
    return false;
end
$$;

comment on function casebase.has_format(text, text) is 'Whether a text is a valid uuid, email, date or date-time; true for any other format.';

revoke execute on function casebase.has_format(text, text) from public;
grant execute on function casebase.has_format(text, text) to anon, authenticated, service_role;
