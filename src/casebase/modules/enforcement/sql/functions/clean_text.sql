-- A levy names its bank: what other modules mask stays.
create or replace function enforcement.clean_text(judgment_id uuid, value text) returns text
    language sql stable
    set search_path = ''
as $$
    select nullif(btrim(casebase.scrub_text(value, enforcement.subject_of(judgment_id), false)), '')
$$;

comment on function enforcement.clean_text(uuid, text) is 'Free text about a judgment without personal data; null for nothing.';

revoke execute on function enforcement.clean_text(uuid, text) from public;
