-- What counts as a rate is decided by size and by words, and errs towards refusing: a figure that tells what a
-- borrower pays cannot be taken back once stored. Loan-to-value and servicing ratios, which are 10 % and more, pass.
-- Texts are folded first, so that "２.３５％" is read as it looks; spoken numbers count ("two point three five").
create or replace function mortgage.has_rate(value text) returns boolean
    language sql immutable parallel safe
    set search_path = ''
as $$
    with folded as (
        select lower(casebase.fold_text(value)) as text
    )
    select coalesce(bool_or(
        f.text ~ '\d\s*(bps?\M|basis\s*points?\M|b\.\s?p\.)'
        or f.text ~ '(?<![\d.,])\d,\d{1,6}\s*(%|per\s?cent\M|pct\M)'
        or f.text ~ ('\m(zero|one|two|three|four|five|six|seven|eight|nine|half|quarters?)'
            '([\s-]+(and|an?|of|half|quarters?|point|oh|zero|one|two|three|four|five|six|seven|eight|nine|\d+))*[\s-]*(per\s?cent\M|pct\M|%)')
        or f.text ~ ('\m(\d|zero|one|two|three|four|five|six|seven|eight|nine)[\s-]+point'
            '([\s-]+(oh|zero|one|two|three|four|five|six|seven|eight|nine|\d{1,4}))+'
            '(?![a-z\d]|[\s-]+(oh|zero|one|two|three|four|five|six|seven|eight|nine|\d|k|m|mil|mio|million|thousand|years?|yrs?|months?)\M)')
        or exists (
            -- A percentage below 10; a year's, below 26.
            select from regexp_matches(f.text,
                '(?<![\d.,])(\d{1,3}(?:\.\d{1,6}|,\d{1,2})?)\s*(%|per\s?cent\M|pct\M)?\s*(p\.?\s?a\M|per\s+annum\M|(?:a|per)\s+year\M)?',
                'g') m
            where (m[2] is not null and replace(m[1], ',', '.')::numeric < 10)
               or (m[3] is not null and (m[2] is not null or m[3] !~ 'year') and replace(m[1], ',', '.')::numeric < 26))
        or exists (
            -- A bare decimal beside a word for a rate: "fixed at 1.8", "SORA + 0.6", "2.35 floating".
            select from regexp_matches(f.text,
                '\m(?:interest|rates?|sora|sibor|spread|fixed|floating|board|apr|eir)\M[^\d$.]{0,24}?(\d{1,2}[.,]\d{1,4})'
                '(?![\d]|[.,]\d|\s*(?:years?|yrs?|months?|k|m|mil|mio|million|thousand)\M)', 'g') m
            where replace(m[1], ',', '.')::numeric < 10)
        or f.text ~ '(?<![\d.,$])\d[.,]\d{1,4}\s*(interest|fixed|floating|(over|above|plus|\+)\s*(\dm\s+)?(sora|sibor))\M'
    ), false)
    from folded f
$$;

comment on function mortgage.has_rate(text) is
    'Whether a text tells an interest rate: a percentage below 10, one a year below 26, basis points, a decimal beside a word for a rate.';

revoke execute on function mortgage.has_rate(text) from public;
