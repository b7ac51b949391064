create or replace function enforcement.is_name(value text) returns boolean
    language sql immutable parallel safe
    set search_path = ''
as $$
    select coalesce(
        length(value) <= 200 and value ~ '[^[:space:][:punct:]]' and value !~ '[[:cntrl:]]', false)
$$;

comment on function enforcement.is_name(text) is 'Whether a text can be the name of a person or a company.';

revoke execute on function enforcement.is_name(text) from public;
