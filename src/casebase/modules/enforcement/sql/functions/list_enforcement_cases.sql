-- Definer, and the tenant asked for first, as list_priority_pipeline: a status is no leakproof comparison.
-- Each status is read from its own part of the index, as far as a page could need of it, so that the few cases which
-- ended one way are not looked for among all the others. What was searched for is looked up judgment by judgment.
create or replace function enforcement.list_enforcement_cases(
    status text,
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
    v_statuses public.enforcement_case_status[];
    v_matches uuid[];
    v_after text[];
    v_opened_at timestamptz;
    v_id uuid;
    v_page uuid[];
    v_items jsonb;
    v_last jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('status', status, 'search', search, 'cursor', cursor, 'page_size', page_size), '{
            "type": "object",
            "required": ["page_size"],
            "properties": {
                "status": {"type": "string", "enum": ["open", "satisfied", "uncollectible", "withdrawn", "closed"]},
                "search": {"type": "string", "maxLength": 80},
                "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
            }
        }');
    v_after := enforcement.read_cursor(cursor, array['timestamptz', 'uuid']);
    v_opened_at := coalesce(v_after[1]::timestamptz, 'infinity');
    v_id := v_after[2]::uuid;
    v_statuses := array(
        select s from unnest(enum_range(null::public.enforcement_case_status)) s
        where status is null or s::text = status or status = 'closed' and s <> 'open');
    v_matches := enforcement.search_judgments(v_tenant_id, search);

    if v_matches is null then
        v_page := array(
            select f.id
            from unnest(v_statuses) s (status)
            cross join lateral (
                select c.id, c.opened_at from public.enforcement_cases c
                where c.tenant_id = v_tenant_id and c.status = s.status
                  and c.opened_at <= v_opened_at and (c.opened_at < v_opened_at or c.id > v_id)
                order by c.opened_at desc, c.id
                limit page_size + 1
            ) f
            order by f.opened_at desc, f.id
            limit page_size + 1);
    else
        v_page := array(
            select f.id
            from unnest(v_matches) m (judgment_id)
            cross join lateral (
                select c.id, c.opened_at from public.enforcement_cases c
                where c.judgment_id = m.judgment_id and c.tenant_id = v_tenant_id and c.status = any (v_statuses)
                  and c.opened_at <= v_opened_at and (c.opened_at < v_opened_at or c.id > v_id)
                order by c.opened_at desc, c.id
                limit page_size + 1
            ) f
            order by f.opened_at desc, f.id
            limit page_size + 1);
    end if;

    select coalesce(jsonb_agg(jsonb_build_object(
        'case_id', c.id,
        'reference', c.reference,
        'judgment_id', c.judgment_id,
        'case_number', d.case_number,
        'plaintiff_id', c.plaintiff_id,
        'plaintiff_name', p.name,
        'status', c.status,
        'stage', c.current_stage,
        'tier', c.tier,
        'opening_balance', c.opening_balance,
        'current_balance', c.current_balance,
        'county', c.county,
        'state', c.state,
        'next_action_at', c.next_action_at,
        'is_breached', coalesce(c.next_action_at < casebase.now(), false),
        'opened_at', c.opened_at,
        'closed_at', c.closed_at) order by f.position), '[]')
    into v_items
    from unnest(v_page[:page_size]) with ordinality f (id, position)
    join public.enforcement_cases c on c.id = f.id and c.tenant_id = v_tenant_id
    join public.plaintiffs p on p.id = c.plaintiff_id and p.tenant_id = c.tenant_id
    left join judgments.cases d on d.judgment_id = c.judgment_id and d.tenant_id = c.tenant_id;

    -- One case more than asked for tells whether there is a next page.
    v_last := case when cardinality(v_page) > page_size then v_items -> -1 end;
    return jsonb_build_object(
        'items', v_items,
        'next_cursor', enforcement.write_cursor(
            case when v_last is not null then array[v_last ->> 'opened_at', v_last ->> 'case_id'] end));
end
$$;

create or replace function public.list_enforcement_cases(
    status text default null,
    search text default null,
    cursor text default null,
    page_size int default 50,
    tenant_id uuid default null
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_enforcement_cases(status, search, cursor, page_size, tenant_id)
$$;

comment on function public.list_enforcement_cases(text, text, text, int, uuid) is
    'A page of a tenant''s cases, closed ones too, the latest opened first: {items [{case_id, reference, judgment_id, '
    'case_number, plaintiff_id, plaintiff_name, status, stage, tier, opening_balance, current_balance, county, state, '
    'next_action_at, is_breached, opened_at, closed_at}], next_cursor}. Filters: status (open, satisfied, uncollectible, '
    'withdrawn, or closed for each of the three ends), search (as in list_priority_pipeline; a judgment that fits shows all its '
    'cases). Members too. 403 forbidden; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.list_enforcement_cases(text, text, text, int, uuid),
    public.list_enforcement_cases(text, text, text, int, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_enforcement_cases(text, text, text, int, uuid),
    public.list_enforcement_cases(text, text, text, int, uuid)
to authenticated, service_role;
