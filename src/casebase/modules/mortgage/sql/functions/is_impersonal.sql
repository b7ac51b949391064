-- A label is looked at as words: _ or - may stand for a space, and no label has capitals, which names are known by.
-- Digits count as one number unless letters part them, and a date is no number of a person; between hyphens, as models
-- write it, a guard for numbers would take it for a telephone.
create or replace function mortgage.is_impersonal(value text, subject text[], digits int) returns boolean
    language sql stable
    set search_path = ''
as $$
    select casebase.scrub_text(w.words, subject) = w.words
       and (value ~ '-' or casebase.scrub_text(translate(value, '_', ' '), subject) = translate(value, '_', ' '))
       and regexp_replace(value, '20\d\d-?[01]\d-?[0-3]\d|[01]\d-?20\d\d', '', 'g') !~ format('\d([^[:alnum:]]*\d){%s}', digits)
    from (select initcap(regexp_replace(value, '[^[:alpha:]]+', ' ', 'g'))) w (words)
$$;

comment on function mortgage.is_impersonal(text, text[], int) is
    'Whether a name or label tells of no person and no bank, and has no number of more digits.';

revoke execute on function mortgage.is_impersonal(text, text[], int) from public;
