-- Courts' exports shout; a name in both cases ("McHenry") is left alone.
create or replace function enforcement.place_name(value text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select case when v in (upper(v), lower(v)) then initcap(v) else v end
    from (select btrim(regexp_replace(coalesce(value, ''), '\s+', ' ', 'g'))) given (v)
$$;

comment on function enforcement.place_name(text) is 'A court or county as it is written everywhere: "KINGS " is "Kings".';

revoke execute on function enforcement.place_name(text) from public;
