-- "L.L.C." is "llc", and what stands between words does not count. A name of no letters at all is its own key.
create or replace function enforcement.name_key(name text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select coalesce(
        nullif(btrim(regexp_replace(
            regexp_replace(
                -- What is ASCII is folded already; imports ask for many of them.
                lower(case when name ~ '[^ -~]' then casebase.fold_text(name) else name end),
                '[.''’]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')), ''),
        lower(btrim(name)))
$$;

comment on function enforcement.name_key(text) is 'What two spellings of one name have in common.';

revoke execute on function enforcement.name_key(text) from public;
