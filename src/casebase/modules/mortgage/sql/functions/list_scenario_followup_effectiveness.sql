-- Invoker: the view decides whose rows are counted.
create or replace function mortgage.list_scenario_followup_effectiveness(from_day date, to_day date, tenant_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := mortgage.acting_tenant(tenant_id);
    v_period record := mortgage.analysis_period(from_day, to_day);
begin
    return jsonb_build_object(
        'from_day', v_period.first_day,
        'to_day', v_period.last_day,
        'items', (
            select coalesce(jsonb_agg(to_jsonb(g) order by g.event_type), '[]')
            from (
                select f.event_type,
                       count(*)::int as cases,
                       count(f.decision)::int as concluded,
                       count(*) filter (where f.decision in ('reprice', 'refinance'))::int as converted,
                       round(percentile_cont(0.5) within group (order by f.hours_to_outcome)::numeric, 1) as median_hours
                from (
                    -- A case counts once for each kind of event, from the first of the period.
                    select v.event_type, v.case_id, v.decision, max(v.hours_to_outcome) as hours_to_outcome
                    from public.scenario_followup_effectiveness v
                    where v.tenant_id = v_tenant_id and v.day between v_period.first_day and v_period.last_day
                    group by v.event_type, v.case_id, v.decision
                ) f
                group by f.event_type
            ) g));
end
$$;

create or replace function public.list_scenario_followup_effectiveness(
    from_day date default null, to_day date default null, tenant_id uuid default null
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_scenario_followup_effectiveness(from_day, to_day, tenant_id)
$$;

comment on function public.list_scenario_followup_effectiveness(date, date, uuid) is
    'How long one tenant''s cases took from a chat, reveal, follow-up or bank quote of a period, the last thirty days '
    'unless told, to their outcome: {from_day, to_day, items [{event_type, cases, concluded, converted, median_hours}]}. '
    '403 forbidden for a stranger.';

revoke execute on function
    mortgage.list_scenario_followup_effectiveness(date, date, uuid), public.list_scenario_followup_effectiveness(date, date, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    mortgage.list_scenario_followup_effectiveness(date, date, uuid), public.list_scenario_followup_effectiveness(date, date, uuid)
to authenticated, service_role;
