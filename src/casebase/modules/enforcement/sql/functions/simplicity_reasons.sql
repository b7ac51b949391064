-- Python has said all of this before, but an RPC can be called without it; here the casts below must not fail.
-- Reasons name fields and rules: a rejected row's values must not outlive its raw.
create or replace function enforcement.simplicity_reasons(raw jsonb) returns text[]
    language sql stable
    set search_path = ''
as $$
    select array_remove(array[
        case when not (raw ->> 'case_number' ~ '^[A-Za-z0-9 #./:()_-]+$' and raw ->> 'case_number' ~ '[0-9]'
                       and length(raw ->> 'case_number') <= 80) is true
             then 'case_number: must be a court''s case number' end,
        case when raw ->> 'court' ~ '[[:cntrl:]<>@]' or length(raw ->> 'court') > 120
             then 'court: must be at most 120 characters of a court''s name' end,
        case when raw ->> 'county' ~ '[[:cntrl:][:digit:]<>@]' or length(raw ->> 'county') > 80
             then 'county: must be at most 80 characters of a county''s name' end,
        case when raw ->> 'state' !~ '^([A-Z]{2})?$' then 'state: must be two letters' end,
        case when not raw ->> 'judgment_amount' ~ '^[0-9]{1,9}(\.[0-9]{1,2})?$' is true
                  or coalesce(raw ->> 'judgment_amount', '') ~ '^[0.]*$'
             then 'judgment_amount: must be an amount above 0' end,
        case when raw ->> 'balance_due' !~ '^[0-9]{1,9}(\.[0-9]{1,2})?$'
             then 'balance_due: must be an amount' end,
        case when not casebase.has_format(coalesce(raw ->> 'judgment_date', '2000-01-01'), 'date')
                  or raw ->> 'judgment_date' > (casebase.now() + interval '1 day')::date::text
             then 'judgment_date: must be a date that is not in the future' end,
        case when coalesce(raw ->> 'priority_level', 'normal') not in ('urgent', 'high', 'normal', 'low', 'on_hold')
             then 'priority_level: must be urgent, high, normal, low or on_hold' end,
        case when not enforcement.is_name(raw ->> 'plaintiff_name')
             then 'plaintiff_name: must be a name' end,
        case when not enforcement.is_name(raw ->> 'defendant_name')
             then 'defendant_name: must be a name' end,
        case when coalesce(raw ->> 'plaintiff_kind', 'company') not in ('person', 'company')
             then 'plaintiff_kind: must be person or company' end,
        case when coalesce(raw ->> 'defendant_kind', 'person') not in ('person', 'company')
             then 'defendant_kind: must be person or company' end,
        case when length(enforcement.contact_key('phone', raw ->> 'plaintiff_phone')) not between 7 and 15
                  or length(raw ->> 'plaintiff_phone') > 40
             then 'plaintiff_phone: must be a telephone number of at most 40 characters' end,
        case when length(enforcement.contact_key('phone', raw ->> 'defendant_phone')) not between 7 and 15
                  or length(raw ->> 'defendant_phone') > 40
             then 'defendant_phone: must be a telephone number of at most 40 characters' end,
        case when not casebase.has_format(coalesce(raw ->> 'plaintiff_email', 'a@b.example'), 'email')
             then 'plaintiff_email: must be an e-mail address' end,
        case when not casebase.has_format(coalesce(raw ->> 'defendant_email', 'a@b.example'), 'email')
             then 'defendant_email: must be an e-mail address' end,
        case when length(raw ->> 'defendant_address') > 500 then 'defendant_address: must have at most 500 characters' end,
        case when length(raw ->> 'defendant_postcode') > 20 then 'defendant_postcode: must have at most 20 characters' end
    ], null) || array(
        select f || ': must tell of nobody'
        from unnest(enforcement.personal_docket_fields(raw, jsonb_build_object(
            'name', raw -> 'defendant_name', 'kind', raw -> 'defendant_kind', 'phone', raw -> 'defendant_phone',
            'email', raw -> 'defendant_email', 'address', raw -> 'defendant_address'))) f
    )
$$;

comment on function enforcement.simplicity_reasons(jsonb) is
    'Why a row of a Simplicity export cannot be used, each "field: rule"; empty for one that can.';

revoke execute on function enforcement.simplicity_reasons(jsonb) from public;
