-- Definer, and the tenant asked for first: below row level security neither an enum nor an amount, whose comparisons are
-- not leakproof, may be looked for in an index, and every page would be read from the first row on.
-- The statement is put together from fixed fragments, one for each filter in use, and planned for exactly those; values
-- are always parameters. Without a tier the tiers follow each other from the highest, each in its index's order, until the
-- page is full: one statement over all of them would sort.
create or replace function enforcement.list_priority_pipeline(
    tier text,
    stage text,
    county text,
    state text,
    sla text,
    search text,
    cursor text,
    page_size int,
    tenant_id uuid
) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := enforcement.reading_tenant(tenant_id);
    v_term text := upper(btrim(search));
    v_plaintiffs uuid[];
    v_after text[];
    v_rank int;
    v_tier text;
    v_found jsonb;
    v_items jsonb := '[]';
    v_last jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('tier', tier, 'stage', stage, 'county', county, 'state', state, 'sla', sla, 'search', search,
                           'cursor', cursor, 'page_size', page_size),
        jsonb_build_object('type', 'object', 'required', '["page_size"]'::jsonb, 'properties', '{
            "county": {"type": "string", "maxLength": 80},
            "state": {"type": "string", "pattern": "^([A-Z]{2})?$", "description": "must be two capital letters"},
            "sla": {"type": "string", "enum": ["breached", "met"]},
            "search": {"type": "string", "maxLength": 80},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200},
            "cursor": {"type": "string", "maxLength": 400, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"}
        }'::jsonb || jsonb_build_object(
            'tier', jsonb_build_object('type', 'string', 'enum',
                (select jsonb_agg(t.tier order by t.tier) from public.enforcement_tier_lookup t)),
            'stage', jsonb_build_object('type', 'string', 'enum', '["none"]' ||
                (select jsonb_agg(s.stage order by s.ordinal) from public.enforcement_stage_lookup s where s.stage <> 'closed')))));
    v_after := enforcement.read_cursor(cursor, array['integer', 'text', 'judgment_priority_level', 'numeric', 'uuid']);
    v_rank := coalesce(v_after[1]::int, 0);
    if v_term !~ '^E-[A-Z]{1,8}$' and v_term !~ '\d' then
        v_plaintiffs := array(
            select p.id from public.plaintiffs p
            where p.tenant_id = v_tenant_id and p.name ilike '%' || regexp_replace(v_term, '([%_\\])', '\\\1', 'g') || '%');
    end if;

    for v_tier in
        select t.tier from public.enforcement_tier_lookup t
        where t.tier = coalesce(tier, t.tier) and t.min_score <= coalesce(
            (select a.min_score from public.enforcement_tier_lookup a where a.tier = v_after[2]), t.min_score)
        order by t.min_score desc
    loop
        execute concat_ws(' ',
            $sql$
            select coalesce(jsonb_agg(jsonb_build_object(
                'judgment_id', f.judgment_id,
                'case_id', f.case_id,
                'reference', f.reference,
                'case_number', f.case_number,
                'plaintiff_id', f.plaintiff_id,
                'plaintiff_name', f.plaintiff_name,
                'plaintiff_status', f.plaintiff_status,
                'collectability_tier', f.collectability_tier,
                'tier', f.tier,
                'priority_level', f.priority_level,
                'judgment_amount', f.judgment_amount,
                'current_balance', f.current_balance,
                'county', f.county,
                'state', f.state,
                'stage', f.stage,
                'next_action_at', f.next_action_at,
                'is_breached', f.is_breached)), '[]')
            from (
                select p.* from enforcement.pipeline p where p.tenant_id = $1 and p.collectability_tier = $2
            $sql$,
            case when stage = 'none' then 'and p.case_id is null' when stage is not null then 'and p.stage = $3' end,
            case when county is not null then 'and p.county = $4' end,
            case when state is not null then 'and p.state = $5' end,
            case sla when 'breached' then 'and p.is_breached' when 'met' then 'and not p.is_breached' end,
            case when v_plaintiffs is not null then 'and p.plaintiff_id = any ($7)'
                 when v_term ~ '^E-[A-Z]{1,8}$' then 'and p.reference >= $6 and p.reference < $6 || ''['''
                 when v_term <> '' then 'and starts_with(p.case_number, $6)' end,
            case when v_tier = v_after[2] then
                'and p.priority_level >= $8 and (p.priority_level > $8 or p.judgment_amount < $9 '
                'or p.judgment_amount = $9 and p.judgment_id > $10)' end,
            'order by p.priority_level, p.judgment_amount desc, p.judgment_id limit $11) f')
        into v_found
        using v_tenant_id, v_tier, stage, county, state, v_term, v_plaintiffs, v_after[3]::public.judgment_priority_level,
              v_after[4]::numeric, v_after[5]::uuid, page_size + 1 - jsonb_array_length(v_items);
        v_items := v_items || v_found;
        exit when jsonb_array_length(v_items) > page_size;
    end loop;

    -- One row more than asked for tells whether there is a next page.
    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(i || jsonb_build_object('rank', v_rank + o) order by o), '[]')
            from jsonb_array_elements(v_items) with ordinality a (i, o)),
        'next_cursor', enforcement.write_cursor(case when v_last is not null then array[
            (v_rank + page_size)::text, v_last ->> 'collectability_tier', v_last ->> 'priority_level',
            v_last ->> 'judgment_amount', v_last ->> 'judgment_id'] end));
end
$$;

create or replace function public.list_priority_pipeline(
    tier text default null,
    stage text default null,
    county text default null,
    state text default null,
    sla text default null,
    search text default null,
    cursor text default null,
    page_size int default 50,
    tenant_id uuid default null
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_priority_pipeline(tier, stage, county, state, sla, search, cursor, page_size, tenant_id)
$$;

comment on function public.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid) is
    'A page of what to work on, as v_priority_pipeline ranks it, the highest tier first: {items [{rank, judgment_id, case_id, '
    'reference, case_number, plaintiff_id, plaintiff_name, plaintiff_status, collectability_tier, tier, priority_level, '
    'judgment_amount, current_balance, county, state, stage, next_action_at, is_breached}], next_cursor}; rank counts within '
    'what was asked for. Filters: tier (the collectability tier), stage (or none: no case yet), county, state, sla (breached, '
    'met), search (the beginning of a reference E-… or, where it has a digit, of a docket number; else a part of a '
    'plaintiff''s name). Members too. 403 forbidden; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid),
    public.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid),
    public.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid)
to authenticated, service_role;
