-- Definer, and the tenant asked for first: below row level security neither an enum nor an amount, whose comparisons are
-- not leakproof, may be looked for in an index, and every page would be read from the first row on.
-- First the page's judgments, from two indexes that hold all that is filtered and ranked by: open cases, and dockets
-- without a case. Then their rows, from the view. The first statement is put together from fixed fragments, one for each
-- filter in use, and planned for exactly those; values are always parameters. Tier follows tier until the page is full,
-- each in its index's order: all of them in one statement would be sorted.
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
    v_matches uuid[];
    v_after text[];
    v_rank int;
    v_tier text;
    v_filters text;
    v_found uuid[];
    v_page uuid[] := '{}'::uuid[];
    v_items jsonb;
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
    v_matches := enforcement.search_judgments(v_tenant_id, search);

    for v_tier in
        select t.tier from public.enforcement_tier_lookup t
        where t.tier = coalesce(tier, t.tier) and t.min_score <= coalesce(
            (select a.min_score from public.enforcement_tier_lookup a where a.tier = v_after[2]), t.min_score)
        order by t.min_score desc
    loop
        v_filters := concat_ws(' ',
            'where r.tenant_id = $1 and r.collectability_tier = $2',
            case when county is not null then 'and r.county = $4' end,
            case when state is not null then 'and r.state = $5' end,
            case when v_matches is not null then 'and r.judgment_id = any ($6)' end,
            case when v_tier = v_after[2] then
                'and r.priority_level >= $7 and (r.priority_level > $7 or r.judgment_amount < $8 '
                'or r.judgment_amount = $8 and r.judgment_id > $9)' end);
        execute format(
            'select array(select f.judgment_id from (%s) f order by f.priority_level, f.judgment_amount desc, f.judgment_id limit $10)',
            concat_ws(' union all ',
                case when coalesce(stage <> 'none', true) then concat_ws(' ',
                    '(select r.judgment_id, r.priority_level, r.judgment_amount from public.enforcement_cases r', v_filters,
                    'and r.closed_at is null',
                    case when stage is not null then 'and r.current_stage = $3' end,
                    case sla when 'breached' then 'and r.next_action_at < $11'
                             when 'met' then 'and coalesce(r.next_action_at >= $11, true)' end,
                    'order by r.priority_level, r.judgment_amount desc, r.judgment_id limit $10)') end,
                case when coalesce(stage = 'none', true) then concat_ws(' ',
                    '(select r.judgment_id, r.priority_level, r.judgment_amount from judgments.cases r', v_filters,
                    'and not r.is_opened',
                    case when sla = 'breached' then 'and false' end,
                    'order by r.priority_level, r.judgment_amount desc, r.judgment_id limit $10)') end))
        into v_found
        using v_tenant_id, v_tier, stage, county, state, v_matches, v_after[3]::public.judgment_priority_level,
              v_after[4]::numeric, v_after[5]::uuid, page_size + 1 - cardinality(v_page), casebase.now();
        v_page := v_page || v_found;
        exit when cardinality(v_page) > page_size;
    end loop;

    select coalesce(jsonb_agg(jsonb_build_object(
        'rank', v_rank + f.position,
        'judgment_id', p.judgment_id,
        'case_id', p.case_id,
        'reference', p.reference,
        'case_number', p.case_number,
        'plaintiff_id', p.plaintiff_id,
        'plaintiff_name', p.plaintiff_name,
        'plaintiff_status', p.plaintiff_status,
        'collectability_tier', p.collectability_tier,
        'tier', p.tier,
        'priority_level', p.priority_level,
        'judgment_amount', p.judgment_amount,
        'current_balance', p.current_balance,
        'county', p.county,
        'state', p.state,
        'stage', p.stage,
        'next_action_at', p.next_action_at,
        'is_breached', p.is_breached) order by f.position), '[]')
    into v_items
    from unnest(v_page[:page_size]) with ordinality f (judgment_id, position)
    join enforcement.pipeline p on p.judgment_id = f.judgment_id and p.tenant_id = v_tenant_id;

    -- One judgment more than asked for tells whether there is a next page.
    v_last := case when cardinality(v_page) > page_size then v_items -> -1 end;
    return jsonb_build_object(
        'items', v_items,
        'next_cursor', enforcement.write_cursor(case when v_last is not null then array[
            v_last ->> 'rank', v_last ->> 'collectability_tier', v_last ->> 'priority_level',
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
    'met), search (the beginning of a reference or a docket number, or a part of a '
    'plaintiff''s name; the first thousand that match). Members too. 403 forbidden; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid),
    public.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid),
    public.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid)
to authenticated, service_role;
