create or replace function casebase.names_any(document text, ids uuid[]) returns boolean
    language sql stable parallel safe
    set search_path = ''
as $$
    select exists (
        select from regexp_matches(document, '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', 'g') m
        where m[1]::uuid = any (ids))
$$;

comment on function casebase.names_any(text, uuid[]) is 'Whether a document holds one of the ids.';

revoke execute on function casebase.names_any(text, uuid[]) from public;
