-- The database's own guard: an RPC can be called without Python in front. Kinds are tried from the most to the least
-- specific, so that a card number is not taken for a telephone. Idempotent: no mask matches any pattern.
-- Texts are folded first, so that "９１２３ ４５６７" is read as it looks; a text without anything to mask stays as it was,
-- and so does an id, whose digits are nobody's number. Scripts without spaces have names without edges, of two signs.
-- Definer: casebase.masked_terms is nobody else's to read.
create or replace function casebase.scrub_text(
    value text,
    subject text[] default '{}',
    is_term_masked boolean default true
) returns text
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_folded text;
    v_text text;
    v_kind record;
    v_found text;
    v_term record;
begin
    if value is null or value = ''
       or value ~* '^(?:[a-z_]+:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
       or value ~ '^(?:19|20|21)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d:[0-6]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d(?::?\d\d)?)?$' then
        return value;
    end if;
    v_folded := casebase.fold_text(value);
    v_text := v_folded;

    -- The known subject first: their own e-mail or phone may be written in a form no pattern knows. A whole name before
    -- its parts.
    for v_term in
        select k.term, k.mask, k.is_number
        from (
            select s.term, '[subject]' as mask, false as is_number from (select casebase.fold_text(btrim(u)) as term from unnest(subject) u) s
            where length(s.term) >= case when s.term ~ '[\u2e80-\ud7af]' then 2 else 3 end
              and position(lower(s.term) in lower(v_text)) > 0
            union all
            -- The known telephone, however its digits are set apart, with or without the country's.
            select right(d.digits, 10), '[subject]', true
            from (select regexp_replace(u, '\D', '', 'g') as digits from unnest(subject) u where u !~ '[[:alpha:]]') d
            where length(d.digits) between 7 and 15
              and position(right(d.digits, 10) in regexp_replace(v_text, '\D', '', 'g')) > 0
            union all
            select t.term, t.mask, false from casebase.masked_terms t
            where is_term_masked and position(lower(t.term) in lower(v_text)) > 0
        ) k
        order by length(k.term) desc, k.term
    loop
        v_text := regexp_replace(
            v_text,
            case when v_term.is_number then '()' || array_to_string(string_to_array(v_term.term, null), '[^[:alnum:]]{0,3}')
            else case when v_term.term ~ '[\u2e80-\ud7af]' then '()' else '(^|[^[:alnum:]])' end
            || regexp_replace(btrim(v_term.term), '([][(){}.*+?^$|\\])', '\\\1', 'g')
            || case when v_term.term ~ '[\u2e80-\ud7af]' then '' else '(?![[:alnum:]])' end end,
            '\1' || replace(v_term.mask, '\', '\\'), 'gi');
    end loop;

    for v_kind in
        select * from (values
            (1, '[email]', '[[:alnum:]._%+''-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+', null),
            (2, '[iban]', '\m[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\M', 'iban'),
            (3, '[nric]', '(?<![[:alnum:]])[STFGMstfgm]\d{7}[A-Za-z](?![[:alnum:]])', 'nric'),
            (4, '[card]', '\m\d(?:[ -]?\d){12,18}\M', 'luhn'),
            (5, '[national-id]', '\m(?:19|20)?\d{6}[-+]?\d{4}\M', 'personnummer'),
            (6, '[national-id]', '\m\d{6} ?\d{5}\M', 'fodselsnummer'),
            (7, '[national-id]', '\m\d{3}([-. ])\d{2}\1\d{4}\M', null),
            (7, '[phone]', '(?<![[:alnum:]])(?:1[ .-])?(?:\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]?|[2-9]\d{2}([ .-]?)[2-9]\d{2}\1)\d{4}(?![[:alnum:]])', null),
            (7, '[phone]', '\+\d(?:[ ().-]{0,2}\d){6,14}(?!\d)', null),
            (8, '[phone]', '\m(?:\(?0\d{1,4}\)?[ -]?)\d{2,4}(?:[ -]?\d{2,4}){1,3}\M', null),
            (9, '[phone]', '(?<![[:alnum:]])(?:65[ -]?)?[3689]\d{3}[ -]?\d{4}(?![[:alnum:]])', null),
            (10, '\1[account]', '\m((?:[Aa]ccount|ACCOUNT|[Aa]cct|[Aa]/[Cc])(?:\s*(?:[Nn]o\.?|[Nn]umber|#))?\s*(?:is\s+|:\s*)?)\d[\d -]{4,18}\d\M', null),
            (11, '[account]', '\m\d{3}-(?:\d{5,6}-\d{1,3}|\d{3}-\d{3}-\d)\M', null),
            (12, '[passport]', '\m[EK]\d{7}[A-Z]\M', null),
            (13, '\1[birth-date]', '\m((?:[Dd]\.?[Oo]\.?[Bb]\.?|[Dd]ate of birth|[Bb]orn(?: on)?)\s*:?\s*)\d{1,4}[ ./-](?:\d{1,2}|[A-Za-z]{3,9})[ ./-]\d{1,4}\M', null),
            (14, '[address]', '#\d{1,2}-\d{1,4}(?!\d)', null),
            (15, '[address]', '\m(?:[Ss]ingapore|SINGAPORE|S)\s*(?:\(\d{6}\)|\d{6}(?!\d))', null),
            (16, '[address]', '\m(?:[Bb]lk|[Bb]lock|BLK|BLOCK)\s+\d{1,4}[A-Za-z]?(?:,?\s+[A-Z][[:alpha:]''.]*){0,5}(?:\s+\d{1,3})?(?![[:alnum:]])', null),
            (17, '[address]', '\m\d{1,5}[A-Z]?\s+(?:[A-Z][[:alpha:]'']+\s+){1,4}(?:Road|Rd|Street|St|Avenue|Ave|Drive|Dr|Crescent|Cres|Lane|Close|Walk|Way|Place|Link|Terrace|Boulevard|Rise|View|Gardens?|Hill|Parkway|Pkwy|Blvd|Highway|Hwy)(?:\s+\d{1,3})?\M', null),
            (17, '[address]', '\m[Pp]\.? ?[Oo]\.? ?[Bb][Oo][Xx] \d+\M', null),
            (18, '\1[name]', '\m((?:Mr|Mrs|Ms|Miss|Mdm|Madam|Mister|Dr|Prof)\.?\s+|(?:[Nn]ame is|[Nn]amed)\s+)[[:upper:]][[:alpha:]''-]*(?:\s+(?:(?:bin|binte|s/o|d/o)\s+)?[[:upper:]][[:alpha:]''-]*){0,4}', null)
        ) k (ord, mask, pattern, check_kind)
        -- Most texts are words: what cannot be there is not looked for.
        where case k.ord when 1 then v_text ~ '@' when 18 then v_text ~ '[[:upper:]]' else v_text ~ '\d' end
        order by k.ord
    loop
        if v_kind.check_kind is null then
            v_text := regexp_replace(v_text, v_kind.pattern, v_kind.mask, 'g');
        else
            for v_found in
                select m[1] from regexp_matches(v_text, '(' || v_kind.pattern || ')', 'g') m
                group by m[1] order by length(m[1]) desc
            loop
                if casebase.has_check_digits(v_kind.check_kind, v_found) then
                    v_text := replace(v_text, v_found, v_kind.mask);
                end if;
            end loop;
        end if;
    end loop;
    return case when v_text = v_folded then value else v_text end;
end
$$;

comment on function casebase.scrub_text(text, text[], boolean) is
    'Mask e-mails, phone numbers, NRIC/FIN, personnummer, fødselsnummer, IBAN and card numbers (check digits verified), '
    'account numbers and names that are called so, addresses in Singapore, the known subject''s own details, and unless '
    'is_term_masked is false the modules'' masked terms.';

revoke execute on function casebase.scrub_text(text, text[], boolean) from public;
grant execute on function casebase.scrub_text(text, text[], boolean) to service_role, authenticated, casebase_api;
