-- The guard of metadata sees through more disguises, and takes moments and fractions for what they are.
--
-- Sources: Skatteetaten (fødselsnummer; a D-number has 40 added to its day), Skatteverket SKV 704 (personnummer; a
-- samordningsnummer has 60 added to its day), ITU-T E.164, Nkom's numbering plan (eight digits, not beginning with 0 or
-- 1), PTS's (0, then seven to nine).

create or replace function notifications.holds_personal_data(value jsonb) returns boolean
    language plpgsql immutable parallel safe security definer
    set search_path = ''
as $$
declare
    -- What has no @, and never so many digits in a row, is nobody's. Most is, and is let through at once.
    v_suspicious constant text := '@|[0-9](?:[^[:alnum:]]{0,4}[0-9]){6}';
    v_text text := value::text;
begin
    -- Other scripts' digits, spaces and dashes are read as ours; what can't be seen is left out.
    if octet_length(v_text) <> length(v_text) then
        v_text := translate(
            normalize(v_text, nfkc),
            U&'\0660\0661\0662\0663\0664\0665\0666\0667\0668\0669\06F0\06F1\06F2\06F3\06F4\06F5\06F6\06F7\06F8\06F9'
              '\2010\2012\2013\2014\2212\00AD\200B\200C\200D\200E\200F\2060\FEFF',
            '01234567890123456789-----');
    end if;
    if v_text is null or v_text !~ v_suspicious then
        return false;
    end if;
    -- Ids, moments and days are nobody's number.
    v_text := regexp_replace(v_text, '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}', 'x', 'g');
    v_text := regexp_replace(
        v_text,
        '\m(?:19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]'
        '(?:[T ][0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:[.][0-9]{1,6})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?(?![0-9])|(?![-+ ]?[0-9]))'
        '|\m[0-3]?[0-9][.][01]?[0-9][.](?:19|20|21)[0-9]{2}(?![ -]?[0-9])', 'x', 'g');
    if v_text !~ v_suspicious then
        return false;
    end if;
    return v_text ~ '@ *[^ @"]+[.][^ @"]'
        or v_text ~ '(?:[+]|\m00)[0-9](?:[ ().-]{0,4}[0-9]){6,14}(?![0-9])'
        or v_text ~ '(?<![[:alnum:]]|[0-9][.])(?:4[67])?[2-9][0-9](?:[ ./-]{0,3}[0-9]{2}){3}(?![[:alnum:]])'
        or v_text ~ '(?<![[:alnum:]]|[0-9][.])[2-9][0-9]{2}[ ./-]{0,3}[0-9]{2}[ ./-]{0,3}[0-9]{3}(?![[:alnum:]])'
        or v_text ~ '(?<![[:alnum:]])0[1-9](?:[ /-]{0,3}[0-9]){6,9}(?![[:alnum:]])'
        or exists (
            select
            -- In a number a first 0 is lost. Months have 40 added where a number is not the issuer's own.
            from regexp_matches(v_text, '(?<![0-9]|[0-9][.])([0-9](?:[ .-]{0,3}[0-9]){9,10})(?![0-9])', 'g') m
            cross join lateral (select lpad(regexp_replace(m[1], '[^0-9]', '', 'g'), 11, '0') as digits) d
            where substr(d.digits, 1, 2)::int % 40 between 1 and 31
              and substr(d.digits, 3, 2)::int % 40 between 1 and 12 and substr(d.digits, 3, 2) < '60'
              and casebase.has_check_digits('fodselsnummer', d.digits))
        or exists (
            select
            from regexp_matches(
                v_text, '(?<![0-9]|[0-9][.])((?:1[89]|20)?[0-9]{2}-?[0-9]{2}-?[0-9]{2}[-+ ]?[0-9]{4})(?![0-9])', 'g') m
            where casebase.has_check_digits('personnummer', m[1]));
end
$$;
comment on function notifications.holds_personal_data(jsonb) is
    'Whether a document holds a fødselsnummer or personnummer (right check digits), an e-mail or a telephone number.';
