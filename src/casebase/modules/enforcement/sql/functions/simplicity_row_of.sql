create or replace function enforcement.simplicity_row_of(row_number int, raw jsonb) returns enforcement.simplicity_row
    language sql
    set search_path = ''
as $$
    select row(
        row_number,
        gen_random_uuid(),
        gen_random_uuid(),
        enforcement.docket_number(raw ->> 'case_number'),
        enforcement.place_name(raw ->> 'court'),
        enforcement.place_name(raw ->> 'county'),
        coalesce(raw ->> 'state', ''),
        (raw ->> 'judgment_date')::date,
        round((raw ->> 'judgment_amount')::numeric, 2),
        round(coalesce((raw ->> 'balance_due')::numeric, (raw ->> 'judgment_amount')::numeric), 2),
        coalesce((raw ->> 'priority_level')::public.judgment_priority_level, 'normal'),
        jsonb_build_object('name', raw ->> 'plaintiff_name', 'phone', raw ->> 'plaintiff_phone',
                           'email', raw ->> 'plaintiff_email'),
        coalesce(raw ->> 'plaintiff_kind', 'company'),
        enforcement.name_key(raw ->> 'plaintiff_name'),
        '',
        jsonb_build_object('name', raw ->> 'defendant_name', 'phone', raw ->> 'defendant_phone',
                           'email', raw ->> 'defendant_email', 'address', raw ->> 'defendant_address'),
        coalesce(raw ->> 'defendant_kind', enforcement.debtor_kind(raw ->> 'defendant_name')),
        enforcement.name_key(raw ->> 'defendant_name'),
        lower(btrim(coalesce(raw ->> 'defendant_postcode', '')))
    )::enforcement.simplicity_row
$$;

comment on function enforcement.simplicity_row_of(int, jsonb) is
    'A row that simplicity_reasons finds nothing against, typed, with ids in case it is new. Debtors of one name are told '
    'apart by their postcode.';

revoke execute on function enforcement.simplicity_row_of(int, jsonb) from public;
