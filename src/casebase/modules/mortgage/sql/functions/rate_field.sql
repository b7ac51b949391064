-- A number says what it is by its key. Below a key for a rate every number counts, in whatever unit; below a key for a
-- percentage or for interest, one below 10: 75 is a loan-to-value ratio, 1250 an amount of money.
create or replace function mortgage.rate_field(value jsonb, field text, kind text default '') returns text
    language plpgsql immutable parallel safe
    set search_path = ''
as $$
declare
    v_text text := value #>> '{}';
    v_found text;
    v_member record;
    v_words text[];
begin
    case jsonb_typeof(value)
        when 'string', 'number' then
            if jsonb_typeof(value) = 'string' and mortgage.has_rate(v_text) then
                return field;
            end if;
            -- A number in quotes is a number.
            v_text := casebase.fold_text(v_text);
            if kind = 'rate' and v_text ~ '(?<![\d.,])\d{1,2}[.,]\d' then
                return field;
            end if;
            v_text := replace(substring(v_text from '^\s*[+-]?(\d+(?:\.\d+|,\d{1,2})?)\s*$'), ',', '.');
            return case when (kind = 'rate' and v_text is not null) or (kind = 'percentage' and v_text::numeric < 10) then field end;
        when 'object' then
            -- {"value": 2.35, "unit": "%"}: the unit says what its neighbours are.
            if kind = '' then
                kind := coalesce((
                    select case when lower(btrim(e.value)) = any ('{bps,bp,"basis points"}') then 'rate' else 'percentage' end
                    from jsonb_each_text(value) e
                    where lower(btrim(casebase.fold_text(e.value))) ~ '^(bps?|basis points?|(%|percent|per cent|pct) ?(p\.?a\.?|per annum)?|p\.?a\.?|per annum)$'
                    limit 1), '');
            end if;
            for v_member in select e.key, e.value from jsonb_each(value) e loop
                -- interestRate and INTEREST-RATE are interest_rate.
                v_words := regexp_split_to_array(
                    lower(regexp_replace(v_member.key, '([a-z0-9])([A-Z])', '\1_\2', 'g')), '[^a-z]+');
                v_found := case
                    when mortgage.has_rate(v_member.key) then field
                    else mortgage.rate_field(v_member.value, concat_ws('.', nullif(field, ''), left(v_member.key, 64)), case
                        when v_words && '{rate,rates,apr,eir,spread,sora,sibor,bps,interestrate,fixedrate,floatingrate,loanrate,bankrate}' then 'rate'
                        when v_words && '{percent,percentage,pct,interest}' and kind = '' then 'percentage'
                        else kind end)
                    end;
                if v_found is not null then
                    return v_found;
                end if;
            end loop;
        when 'array' then
            for v_member in select e.value, e.ordinality - 1 as place from jsonb_array_elements(value) with ordinality e loop
                v_found := mortgage.rate_field(v_member.value, format('%s[%s]', field, v_member.place), kind);
                if v_found is not null then
                    return v_found;
                end if;
            end loop;
        else
            null;
    end case;
    return null;
end
$$;

comment on function mortgage.rate_field(jsonb, text, text) is
    'The path of the first value in a document that tells an interest rate, by its key or in its text; null when none does.';

revoke execute on function mortgage.rate_field(jsonb, text, text) from public;
