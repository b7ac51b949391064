-- The first test is cheap and almost always false; only what passes it is looked at word by word.
create or replace function mortgage.mentions(value text, subject text[]) returns boolean
    language sql stable
    set search_path = ''
as $$
    select case when exists (select from unnest(subject) s where position(lower(s) in lower(value)) > 0)
                then casebase.scrub_text(value, subject) <> value
                else false end
$$;

comment on function mortgage.mentions(text, text[]) is 'Whether a text names the subject (see mortgage.subject_of).';

revoke execute on function mortgage.mentions(text, text[]) from public;
