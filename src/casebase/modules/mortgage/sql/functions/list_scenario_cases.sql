-- The statement is put together from fixed fragments, one for each filter in use, and planned for exactly those: a
-- plan that serves `status is null or …` as well serves neither. Values are always parameters.
-- References that begin alike are a range: `like`, not being leakproof, may not use the index
-- below row level security.
create or replace function mortgage.list_scenario_cases(
    status text,
    recommendation text,
    search text,
    sort text,
    cursor text,
    page_size int,
    tenant_id uuid,
    tag text,
    review text,
    consent text,
    decision text,
    opened_on date,
    happened text,
    from_day date,
    to_day date
) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_column text := case when ltrim(sort, '-') = 'net_savings' then 'net_savings' else 'created_at' end;
    v_is_descending boolean := sort like '-%';
    v_term text := upper(btrim(search));
    v_after text[];
    v_statement text;
    v_items jsonb;
    v_last jsonb;
    v_period record := mortgage.analysis_period(from_day, to_day);
begin
    perform casebase.require_valid(
        jsonb_build_object('status', status, 'recommendation', recommendation, 'search', search, 'sort', sort,
                           'page_size', page_size, 'cursor', cursor, 'tag', tag, 'review', review, 'consent', consent,
                           'decision', decision, 'opened_on', opened_on, 'happened', happened, 'from_day', from_day, 'to_day', to_day),
        '{
            "type": "object",
            "required": ["sort", "page_size"],
            "properties": {
                "status": {"type": "string", "enum": ["draft", "active", "closed"]},
                "recommendation": {"type": "string", "enum": ["stay", "reprice", "refinance", "none"]},
                "search": {"type": "string", "maxLength": 80},
                "tag": {"type": "string", "maxLength": 41},
                "review": {"type": "string", "enum": ["due"]},
                "consent": {"type": "string", "enum": ["expiring", "ended"]},
                "decision": {"type": "string", "enum": ["stay", "reprice", "refinance", "lost", "dormant", "converted"]},
                "opened_on": {"type": "string", "format": "date"},
                "happened": {"type": "string", "enum": ["opened", "chat", "reveal", "follow_up", "bank_quote", "outcome"]},
                "from_day": {"type": "string", "format": "date"},
                "to_day": {"type": "string", "format": "date"},
                "sort": {"type": "string", "enum": ["-created_at", "created_at", "-net_savings", "net_savings"]},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200},
                "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$",
                           "description": "must be a next_cursor of the same sort"}
            }
        }');
    v_after := string_to_array(convert_from(decode(cursor, 'hex'), 'UTF8'), '|');
    if v_after[1] <> sort or cardinality(v_after) <> 3 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('cursor', 'pattern', 'must be a next_cursor of the same sort'))));
    end if;

    v_statement := concat_ws(' ',
        'select * from public.scenario_cases c where c.tenant_id = $1',
        case when status is not null then 'and c.status = $2::public.scenario_case_status' end,
        case when recommendation = 'none' then 'and c.recommendation is null'
             when recommendation is not null then 'and c.recommendation = $3::public.scenario_recommendation' end,
        case when v_term ~ '^M-[A-HJKMNP-S]{1,8}$' then 'and c.reference >= $4 and c.reference < $4 || ''T'''
             when v_term <> '' then 'and c.initials = $4' end,
        case when tag is not null then
            'and exists (select from public.scenario_tags t '
            'where t.case_id = c.id and t.tenant_id = c.tenant_id and t.tenant_id = $1 and t.tag = $8)' end,
        case when review = 'due' then 'and c.status <> ''closed'' and c.next_review_at <= $9' end,
        case consent
            when 'expiring' then 'and c.consent_until > $9 and c.consent_until <= $9 + interval ''24 hours'''
            when 'ended' then 'and c.consent_until <= $9' end,
        case when decision is not null then
            'and exists (select from public.scenario_outcomes o '
            'where o.case_id = c.id and o.tenant_id = c.tenant_id and '
            || case decision when 'converted' then 'o.decision in (''reprice'', ''refinance''))'
                    else 'o.decision = $10::public.scenario_decision)' end end,
        case when opened_on is not null then
            'and c.created_at >= $11::timestamp at time zone ''Asia/Singapore'' '
            'and c.created_at < ($11 + 1)::timestamp at time zone ''Asia/Singapore''' end,
        case when happened <> 'opened' then
            'and c.id = any ((select mortgage.cases_with_event($1, $12, $13, $14))::uuid[])'
             when happened = 'opened' then
            'and c.created_at >= $13::timestamp at time zone ''Asia/Singapore'' '
            'and c.created_at < ($14 + 1)::timestamp at time zone ''Asia/Singapore''' end,
        case when cursor is not null then format(
            'and (c.%1$I, c.id) %2$s ($5::%3$s, $6::uuid)',
            v_column,
            case when v_is_descending then '<' else '>' end,
            case when v_column = 'net_savings' then 'numeric' else 'timestamptz' end) end,
        format('order by c.%1$I %2$s, c.id %2$s limit $7', v_column,
               case when v_is_descending then 'desc' else 'asc' end));

    -- One row more than asked for tells whether there is a next page.
    execute format($sql$
        select coalesce(jsonb_agg(jsonb_build_object(
            'case_id', c.id,
            'reference', c.reference,
            'initials', c.initials,
            'status', c.status,
            'recommendation', c.recommendation,
            'net_savings', c.net_savings,
            'loan_amount', i.loan_amount,
            'tenure_months', i.tenure_months,
            'property_type', i.property_type,
            'current_bank_mask', i.current_bank_mask,
            'lock_in_remaining', i.lock_in_remaining,
            'source', c.source,
            'consent_until', c.consent_until,
            'next_review_at', c.next_review_at,
            'created_at', c.created_at,
            'updated_at', c.updated_at) order by c.%1$I %2$s, c.id %2$s), '[]')
        from (%3$s) c
        left join public.scenario_inputs i
            on i.case_id = c.id and i.tenant_id = c.tenant_id and i.version = c.latest_input_version
        $sql$, v_column, case when v_is_descending then 'desc' else 'asc' end, v_statement)
    into v_items
    using mortgage.acting_tenant(tenant_id), status, recommendation, v_term, v_after[2], v_after[3], page_size + 1,
          tag, casebase.now(), decision, opened_on, happened, v_period.first_day, v_period.last_day;

    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', v_items,
        'next_cursor', encode(convert_to(
            sort || '|' || (v_last ->> v_column) || '|' || (v_last ->> 'case_id'), 'UTF8'), 'hex'));
end
$$;

create or replace function public.list_scenario_cases(
    status text default null,
    recommendation text default null,
    search text default null,
    sort text default '-created_at',
    cursor text default null,
    page_size int default 50,
    tenant_id uuid default null,
    tag text default null,
    review text default null,
    consent text default null,
    decision text default null,
    opened_on date default null,
    happened text default null,
    from_day date default null,
    to_day date default null
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_scenario_cases(
        status, recommendation, search, sort, cursor, page_size, tenant_id, tag, review, consent, decision, opened_on,
        happened, from_day, to_day)
$$;

comment on function public.list_scenario_cases(text, text, text, text, text, int, uuid, text, text, text, text, date, text, date, date) is
    'A page of a tenant''s cases, masked: {items, next_cursor}. Filters: status, recommendation (or none), search (a reference or '
    'its beginning, or initials), tag, review (due), consent (expiring within 24 hours, ended), decision (or converted: a '
    'switch), opened_on (a day in Singapore), happened (opened, chat, reveal, follow_up, bank_quote, outcome; from_day to '
    'to_day, the last thirty days unless told). Sort: created_at, net_savings; a minus puts the largest first. 403 forbidden for a stranger.';

revoke execute on function
    mortgage.list_scenario_cases(text, text, text, text, text, int, uuid, text, text, text, text, date, text, date, date),
    public.list_scenario_cases(text, text, text, text, text, int, uuid, text, text, text, text, date, text, date, date) from public, anon, authenticated, service_role;
grant execute on function
    mortgage.list_scenario_cases(text, text, text, text, text, int, uuid, text, text, text, text, date, text, date, date),
    public.list_scenario_cases(text, text, text, text, text, int, uuid, text, text, text, text, date, text, date, date) to authenticated, service_role;
