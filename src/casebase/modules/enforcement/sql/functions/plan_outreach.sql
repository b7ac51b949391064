-- Definer: the rules are in tables that no role is granted. Candidates are locked first, the case before its plaintiff,
-- and then looked at anew: of two planners, or a planner and an operator, one plans the call.
create or replace function enforcement.plan_outreach(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set jit = off
as $$
declare
    v_tenant_id uuid;
    v_settings enforcement.settings;
    v_today date;
    v_room int;
    v_cases uuid[];
    v_planned int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {"tenant_id": {"type": "string", "format": "uuid"}, "case_id": {"type": "string", "format": "uuid"}}
    }');
    v_tenant_id := enforcement.acting_tenant((payload ->> 'tenant_id')::uuid);
    v_settings := enforcement.settings_of(v_tenant_id);
    v_today := (casebase.now() at time zone v_settings.time_zone)::date;
    v_room := v_settings.planned_calls_limit - (
        select count(*) from (
            select from public.plaintiff_tasks t
            where t.tenant_id = v_tenant_id and t.kind = 'call' and t.status = 'open'
            limit v_settings.planned_calls_limit) waiting);

    v_cases := array(
        select c.id
        from (
            select d.case_id
            from (
                select k.case_id, p
                from (
                    select distinct on (c.plaintiff_id) c.id as case_id, c.plaintiff_id, c.tier, c.current_balance
                    from public.enforcement_cases c
                    where c.tenant_id = v_tenant_id and c.closed_at is null
                      and c.id = coalesce((payload ->> 'case_id')::uuid, c.id)
                    order by c.plaintiff_id, c.tier desc, c.current_balance desc, c.id
                ) k
                join public.plaintiffs p on p.id = k.plaintiff_id and p.tenant_id = v_tenant_id
                join enforcement.outreach_rules r on r.plaintiff_status = p.status and r.lowest_tier <= k.tier
                left join lateral (
                    select a.called_at from public.plaintiff_call_attempts a
                    where a.plaintiff_id = p.id and a.tenant_id = p.tenant_id
                    order by a.called_at desc limit 1
                ) a on true
                where coalesce((a.called_at at time zone v_settings.time_zone)::date + r.wait_days <= v_today, true)
                  and not exists (
                      select from public.plaintiff_tasks t
                      where t.plaintiff_id = p.id and t.tenant_id = p.tenant_id and t.kind = 'call' and t.status = 'open')
                -- Sorted before the rule is asked, so that it is asked for no more of them than there is room for.
                order by k.tier desc, k.current_balance desc, k.case_id
            ) d
            cross join lateral enforcement.next_call(d.p, casebase.now()) n
            where n.rule is null
            limit greatest(v_room, 0)
        ) k
        join public.enforcement_cases c on c.id = k.case_id
        join public.plaintiffs p on p.id = c.plaintiff_id and p.tenant_id = c.tenant_id
        for share of c skip locked
        for no key update of p skip locked);

    insert into public.plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, created_by)
    select c.tenant_id, c.plaintiff_id, c.id, 'call', 'Call about ' || c.reference, 'outreach'
    from public.enforcement_cases c
    join public.plaintiffs p on p.id = c.plaintiff_id and p.tenant_id = c.tenant_id
    join enforcement.outreach_rules r on r.plaintiff_status = p.status
    where c.id = any (v_cases) and c.closed_at is null
      and not exists (
          select from public.plaintiff_tasks t
          where t.plaintiff_id = p.id and t.tenant_id = p.tenant_id and t.kind = 'call' and t.status = 'open')
      and (enforcement.next_call(p, casebase.now())).rule is null;
    get diagnostics v_planned = row_count;
    if v_planned > 0 then
        perform casebase.notify_live(v_tenant_id, 'enforcement.calls', v_tenant_id);
    end if;
    return jsonb_build_object('planned', v_planned);
end
$$;

create or replace function public.plan_outreach(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.plan_outreach(payload)
$$;

comment on function public.plan_outreach(jsonb) is
    'Plan the calls that are due to the plaintiffs of a tenant''s open cases: {tenant_id?, case_id?}, the highest tiers first, '
    'as enforcement.outreach_rules has it by tier and status; one open call a plaintiff, none that 12 CFR 1006.14(b)(2) '
    'forbids today, and no more than wait for planned_calls_limit. Returns {planned}. For the service alone. 404 '
    'tenant_not_found; 422 invalid_input.';

revoke execute on function enforcement.plan_outreach(jsonb), public.plan_outreach(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.plan_outreach(jsonb), public.plan_outreach(jsonb) to service_role;
