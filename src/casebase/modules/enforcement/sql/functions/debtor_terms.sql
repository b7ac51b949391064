-- Also the parts of a person's name, as in subject_of, but for words that every court has.
create or replace function enforcement.debtor_terms(debtor jsonb) returns text[]
    language sql stable
    set search_path = ''
as $$
    select array_remove(array[
        debtor ->> 'name', debtor ->> 'phone', debtor ->> 'email',
        case when debtor ->> 'address' ~ '\d' then debtor ->> 'address' end,
        case when debtor ->> 'address' ~ '^\s*\d' then split_part(debtor ->> 'address', ',', 1) end
    ], null) || case
        when coalesce(debtor ->> 'kind', enforcement.debtor_kind(debtor ->> 'name')) = 'company' then '{}'
        else array(
            select part from regexp_split_to_table(debtor ->> 'name', '[^[:alpha:]]+') part
            where length(part) >= 3
              and part !~* '^(court|civil|city|county|circuit|claims|district|judge|justice|law|municipal|small|state|supreme|superior|town|village)$')
        end
$$;

comment on function enforcement.debtor_terms(jsonb) is 'The details of a debtor who is not written yet, for enforcement.is_impersonal.';

revoke execute on function enforcement.debtor_terms(jsonb) from public;
