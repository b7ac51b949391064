create or replace function casebase.ids_in(document text) returns setof uuid
    language sql stable parallel safe
    set search_path = ''
as $$
    select m[1]::uuid
    from regexp_matches(document, '([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})', 'g') m
$$;

comment on function casebase.ids_in(text) is 'The ids that a document holds, wherever in it.';

revoke execute on function casebase.ids_in(text) from public;
