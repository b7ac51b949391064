-- Definer: contacts and the names of banks stay here, the texts come to them. Every run of up to eight words of a text is
-- compared with every lead, so one pass over the leads does. A name of one word is left out, and one of nothing but the
-- export's own words: whoever fills in the public form as "Net Savings" would stop every export.
create or replace function mortgage.find_publishing_leaks(texts jsonb, own_words text[]) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    with lines as (
        select distinct l.line from jsonb_array_elements_text(texts) l (line)
    ),
    phrases as (
        select distinct array_to_string(w.words[n.first:n.last], ' ') as phrase
        from lines l
        cross join lateral (select regexp_split_to_array(lower(l.line), '[^[:alnum:]]+')) w (words)
        cross join lateral (
            select a as first, b as last
            from generate_series(1, cardinality(w.words)) a
            cross join lateral generate_series(a, least(a + 7, cardinality(w.words))) b
        ) n
    ),
    numbers as (
        select distinct replace(p.phrase, ' ', '') as digits from phrases p where p.phrase ~ '^[0-9][0-9 ]{7,}$'
    )
    select jsonb_build_object(
        'masked_lines', (select count(*) from lines l where casebase.scrub_text(l.line) <> l.line),
        'subjects', (
            select count(*)
            from public.leads s
            where (btrim(s.name) ~ '[^[:alnum:]]'
                   and not regexp_split_to_array(lower(btrim(s.name)), '[^[:alnum:]]+') <@ own_words
                   and lower(btrim(regexp_replace(s.name, '[^[:alnum:]]+', ' ', 'g'))) in (select p.phrase from phrases p))
               or lower(btrim(regexp_replace(s.email, '[^[:alnum:]]+', ' ', 'g'))) in (select p.phrase from phrases p)
               or right(regexp_replace(s.phone, '[^0-9]+', '', 'g'), 8) in (select right(d.digits, 8) from numbers d)))
$$;

create or replace function public.find_publishing_leaks(texts jsonb, own_words text[] default '{}') returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.find_publishing_leaks(texts, own_words)
$$;

comment on function public.find_publishing_leaks(jsonb, text[]) is
    'Look for known people and banks in a list of texts that are about to be published, for the service alone: '
    '{masked_lines: how many a mask would change, subjects: how many leads they name by more than own_words}. Both must be 0.';

revoke execute on function mortgage.find_publishing_leaks(jsonb, text[]), public.find_publishing_leaks(jsonb, text[])
    from public, anon, authenticated, service_role;
grant execute on function mortgage.find_publishing_leaks(jsonb, text[]), public.find_publishing_leaks(jsonb, text[]) to service_role;
