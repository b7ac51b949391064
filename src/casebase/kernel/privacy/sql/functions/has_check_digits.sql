-- Check digits of the numbers that casebase.scrub_text looks for, so that an order number is not taken for a person.
-- Sources: ISO/IEC 7812 annex B (Luhn), ISO 13616 (IBAN, mod 97), Skatteverket SKV 704 (personnummer),
-- Skatteetaten (fødselsnummer, two mod 11 digits), ICA Singapore (NRIC/FIN check letter).
create or replace function casebase.has_check_digits(kind text, value text) returns boolean
    language plpgsql immutable parallel safe
    set search_path = ''
as $$
declare
    v_digits text := regexp_replace(value, '\D', '', 'g');
    v_upper text := upper(regexp_replace(value, '[^0-9A-Za-z]', '', 'g'));
    v_sum int := 0;
    v_digit int;
    v_rest int := 0;
    v_char text;
    v_weights int[];
begin
    case kind
        when 'luhn' then
            for i in 1..length(v_digits) loop
                v_digit := substr(v_digits, length(v_digits) - i + 1, 1)::int;
                if i % 2 = 0 then
                    v_digit := v_digit * 2 - (case when v_digit > 4 then 9 else 0 end);
                end if;
                v_sum := v_sum + v_digit;
            end loop;
            return v_sum % 10 = 0 and v_digits ~ '[1-9]';

        when 'iban' then
            foreach v_char in array string_to_array(substr(v_upper, 5) || left(v_upper, 4), null) loop
                v_rest := (case when v_char between '0' and '9'
                                then v_rest * 10 + v_char::int
                                else v_rest * 100 + ascii(v_char) - 55 end) % 97;
            end loop;
            return v_rest = 1;

        when 'nric' then
            v_weights := array[2, 7, 6, 5, 4, 3, 2];
            for i in 1..7 loop
                v_sum := v_sum + v_weights[i] * substr(v_upper, i + 1, 1)::int;
            end loop;
            v_sum := v_sum + (case left(v_upper, 1) when 'T' then 4 when 'G' then 4 when 'M' then 3 else 0 end);
            return right(v_upper, 1) = substr(
                case left(v_upper, 1)
                    when 'S' then 'JZIHGFEDCBA' when 'T' then 'JZIHGFEDCBA'
                    when 'M' then 'KLJNPQRTUWX' else 'XWUTRQPNMLK' end,
                (case left(v_upper, 1) when 'M' then 10 - v_sum % 11 else v_sum % 11 end) + 1, 1);

        when 'personnummer' then
            -- Day 61 to 91 is a coordination number; the century, if given, is not part of the sum.
            v_digits := right(v_digits, 10);
            return substr(v_digits, 3, 2)::int between 1 and 12
                and substr(v_digits, 5, 2)::int % 60 between 1 and 31
                and casebase.has_check_digits('luhn', v_digits);

        when 'fodselsnummer' then
            v_weights := array[3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
            for i in 1..10 loop
                v_sum := v_sum + v_weights[i] * substr(v_digits, i, 1)::int;
            end loop;
            v_weights := array[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
            for i in 1..11 loop
                v_rest := v_rest + v_weights[i] * substr(v_digits, i, 1)::int;
            end loop;
            return v_sum % 11 = 0 and v_rest % 11 = 0 and v_digits ~ '[1-9]';
        else
            raise case_not_found using message = 'unknown kind of number';
    end case;
end
$$;

comment on function casebase.has_check_digits(text, text) is
    'Whether a number carries right check digits of its kind: luhn, iban, nric, personnummer, fodselsnummer.';

revoke execute on function casebase.has_check_digits(text, text) from public;
