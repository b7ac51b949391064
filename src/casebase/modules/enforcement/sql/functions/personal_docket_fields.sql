-- A county is often called as people are, and so are courts ("Johnson County Court", "Justice Court"): a part of a name
-- that is the county's, or a word for courts, says nothing of who owes.
create or replace function enforcement.personal_docket_fields(docket jsonb, debtor jsonb) returns text[]
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_name text := debtor ->> 'name';
    v_address text := debtor ->> 'address';
    v_county text := lower(regexp_replace(btrim(coalesce(docket ->> 'county', '')), '\s+(county|parish|borough)$', '', 'i'));
    v_subject text[] := array_remove(array[
        v_name, debtor ->> 'phone', debtor ->> 'email',
        case when v_address ~ '\d' then v_address end, case when v_address ~ '^\s*\d' then split_part(v_address, ',', 1) end
    ], null);
begin
    if coalesce(debtor ->> 'kind', enforcement.debtor_kind(v_name)) <> 'company' then
        v_subject := v_subject || array(
            select part from regexp_split_to_table(v_name, '[^[:alpha:]]+') part
            where length(part) >= 3
              and part !~* '^(court|civil|city|county|circuit|claims|district|judge|justice|law|municipal|small|state|supreme|superior|town|village)$');
    end if;
    -- All at once: of most dockets there is no more to ask.
    if enforcement.is_impersonal(
        concat_ws(E'\n', docket ->> 'case_number', docket ->> 'court', docket ->> 'county'), v_subject) then
        return '{}';
    end if;
    return array(
        select field from unnest('{case_number,court,county}'::text[]) field
        where not enforcement.is_impersonal(coalesce(docket ->> field, ''), case field
            when 'case_number' then v_subject else array(select s from unnest(v_subject) s where lower(s) <> v_county) end));
end
$$;

comment on function enforcement.personal_docket_fields(jsonb, jsonb) is
    'Which of case_number, court and county tell of the debtor, or hold a number of a person.';

revoke execute on function enforcement.personal_docket_fields(jsonb, jsonb) from public;
