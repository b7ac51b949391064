create or replace function casebase.initials_of(name text) returns text
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

comment on function casebase.initials_of(text) is 'The first letters of a name''s first four words: all of it that tables outside its home hold.';

revoke execute on function casebase.initials_of(text) from public;
