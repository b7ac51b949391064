-- A county is often called as people are, and so are courts ("Johnson County Court", "Justice Court"): a part of a name
-- that is the county's, or a word for courts, says nothing of who owes.
create or replace function enforcement.personal_docket_fields(docket jsonb, debtor jsonb) returns text[]
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_county text := lower(regexp_replace(btrim(coalesce(docket ->> 'county', '')), '\s+(county|parish|borough)$', '', 'i'));
    v_subject text[] := enforcement.debtor_terms(debtor);
begin
    -- All at once: of most dockets there is no more to ask.
    if enforcement.is_impersonal(
        concat_ws(E'\n', docket ->> 'case_number', docket ->> 'court', docket ->> 'county'), v_subject) then
        return '{}'::text[];
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
