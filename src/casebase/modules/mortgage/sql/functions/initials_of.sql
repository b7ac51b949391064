create or replace function mortgage.initials_of(name text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select upper(string_agg(left(w.word, 1), '' order by w.place))
    from (
        select m[1] as word, place
        from regexp_matches(name, '[[:alpha:]]+', 'g') with ordinality as r (m, place)
        limit 4
    ) w
$$;

comment on function mortgage.initials_of(text) is 'The first letters of a name''s first four words: all of it that scenario tables hold.';

revoke execute on function mortgage.initials_of(text) from public;
