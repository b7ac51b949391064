-- Invoker: the view decides whose rows are counted.
create or replace function mortgage.list_scenario_recommendation_vs_outcome(from_day date, to_day date, tenant_id uuid) returns jsonb
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
            select coalesce(jsonb_agg(to_jsonb(g) order by g.recommendation, g.decision), '[]')
            from (
                select v.recommendation, v.decision, v.is_followed,
                       sum(v.cases)::int as cases, sum(v.net_savings)::numeric as net_savings
                from public.scenario_recommendation_vs_outcome v
                where v.tenant_id = v_tenant_id and v.day between v_period.first_day and v_period.last_day
                group by v.recommendation, v.decision, v.is_followed
            ) g));
end
$$;

create or replace function public.list_scenario_recommendation_vs_outcome(
    from_day date default null, to_day date default null, tenant_id uuid default null
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_scenario_recommendation_vs_outcome(from_day, to_day, tenant_id)
$$;

comment on function public.list_scenario_recommendation_vs_outcome(date, date, uuid) is
    'How one tenant''s cases ended, by what was recommended, of the outcomes recorded in a period, the last thirty days '
    'unless told: {from_day, to_day, items [{recommendation, decision, is_followed, cases, net_savings}]}. 403 forbidden '
    'for a stranger.';

revoke execute on function
    mortgage.list_scenario_recommendation_vs_outcome(date, date, uuid), public.list_scenario_recommendation_vs_outcome(date, date, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    mortgage.list_scenario_recommendation_vs_outcome(date, date, uuid), public.list_scenario_recommendation_vs_outcome(date, date, uuid)
to authenticated, service_role;
