-- Definer, and the tenant asked for first: counting reads an index alone, without a policy's look at each row.
create or replace function enforcement.get_enforcement_board(tenant_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := enforcement.reading_tenant(tenant_id);
    v_cells jsonb;
begin
    select coalesce(jsonb_agg(jsonb_build_object(
               'tier', o.tier, 'stage', o.current_stage, 'case_count', o.case_count, 'current_balance', o.current_balance,
               'breach_count', o.sla_breach_count) order by o.tier, o.current_stage), '[]')
    into v_cells
    from public.v_enforcement_overview o where o.tenant_id = v_tenant_id;

    return jsonb_build_object(
        'items', v_cells,
        'tiers', (
            select jsonb_agg(jsonb_build_object('tier', t.tier, 'description', t.description) || s.sums order by t.tier)
            from public.enforcement_tier_lookup t
            cross join lateral enforcement.sum_cells(v_cells, 'tier', t.tier) s (sums)),
        'stages', (
            select jsonb_agg(jsonb_build_object('stage', l.stage, 'description', l.description, 'sla_days', l.sla_days)
                             || s.sums order by l.ordinal)
            from public.enforcement_stage_lookup l
            cross join lateral enforcement.sum_cells(v_cells, 'stage', l.stage) s (sums)
            where l.stage <> 'closed'),
        'total', enforcement.sum_cells(v_cells, null, null));
end
$$;

create or replace function public.get_enforcement_board(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.get_enforcement_board(tenant_id)
$$;

comment on function public.get_enforcement_board(uuid) is
    'A tenant''s open cases counted: {items [{tier, stage, case_count, current_balance, breach_count}], tiers [{tier, '
    'description, …}], stages [{stage, description, sla_days, …}], total}; items without cases are left out. Members too. '
    '403 forbidden; 404 tenant_not_found.';

revoke execute on function enforcement.get_enforcement_board(uuid), public.get_enforcement_board(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.get_enforcement_board(uuid), public.get_enforcement_board(uuid)
to authenticated, service_role;
