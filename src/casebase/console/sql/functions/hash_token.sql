create or replace function casebase.hash_token(token text) returns bytea
    language sql immutable
    set search_path = ''
as $$
    select sha256(convert_to(token, 'UTF8'))
$$;

comment on function casebase.hash_token(text) is 'What is kept of a token: it is random, so nobody finds it from its hash.';

revoke execute on function casebase.hash_token(text) from public;
