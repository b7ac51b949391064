-- For what cannot be masked, as two codes that a mask makes alike would be one. Courts, banks and archives number in forms
-- that look like a telephone to scrub_text ("012345-24"): of what is digits alone only those count that are set apart as
-- Americans write a telephone or a social security number, and those of the subject. An import asks for every row, so
-- scrub_text is asked only where it can find something. A code's words are parted by what parts no text's. An id names a
-- file often, and one in 250 would look like a number of somebody's.
create or replace function enforcement.is_impersonal(value text, subject text[]) returns boolean
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_text text := regexp_replace(
        casebase.fold_text(value),
        '(?<![[:alnum:]])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![[:alnum:]])', 'id', 'gi');
    v_words text := translate(v_text, '_/-', '   ');
    v_digits text := regexp_replace(v_words, '\D', '', 'g');
begin
    if v_digits <> '' and (
           v_words ~ '(?<!\d)\d{3}([-. ])\d{2}\1\d{4}(?!\d)'
        or v_words ~ '(?<!\d)(?:\([2-9]\d{2}\)[ .-]?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]?\d{4}(?!\d)'
        or v_words ~ '\+\d(?:[ ().-]{0,2}\d){6,14}(?!\d)')
    then
        return false;
    end if;
    return not (
        length(v_digits) > 12 or v_text ~* '@|\m(?:mr|mrs|ms|miss|mdm|madam|mister|dr|prof|named?|d\.?o\.?b|birth|born)\M'
        or exists (
            select from unnest(subject) s
            where position(lower(casebase.fold_text(btrim(s))) in lower(v_text)) > 0
               or position(lower(casebase.fold_text(btrim(s))) in lower(v_words)) > 0
               or v_digits <> '' and length(regexp_replace(s, '\D', '', 'g')) >= 7
                  and position(right(regexp_replace(s, '\D', '', 'g'), 10) in v_digits) > 0)
    ) or casebase.scrub_text(v_text, subject, false) || casebase.scrub_text(v_words, subject, false)
         !~ '\[(?:subject|email|iban|card|name|birth-date)\]';
end
$$;

comment on function enforcement.is_impersonal(text, text[]) is
    'Whether a code, path or place is free of the subject''s details and of telephones, social security and card numbers.';

revoke execute on function enforcement.is_impersonal(text, text[]) from public;
