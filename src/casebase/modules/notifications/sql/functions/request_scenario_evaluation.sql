-- Definer: jobs are nobody's to queue by themselves. The minute is the occasion: asked again, it is the same job.
create or replace function notifications.request_scenario_evaluation(organization_id uuid, scenario_types text[]) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.require_valid(jsonb_build_object('scenario_types', scenario_types), '{
        "type": "object",
        "properties": {
            "scenario_types": {"type": "array", "minItems": 1, "maxItems": 4,
                "items": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]}}
        }
    }');
    return (
        select jsonb_build_object('jobs', coalesce(
            jsonb_agg(
                jsonb_build_object('scenario_type', j.scenario_type, 'job_id', j.job_id, 'run_key', j.run_key)
                order by j.scenario_type),
            '[]'))
        from notifications.enqueue_evaluations(
            notifications.administered_organization(request_scenario_evaluation.organization_id),
            request_scenario_evaluation.scenario_types,
            to_char(casebase.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')) j
    );
end
$$;

create or replace function public.request_scenario_evaluation(organization_id uuid, scenario_types text[] default null) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.request_scenario_evaluation(organization_id, scenario_types)
$$;

comment on function public.request_scenario_evaluation(uuid, text[]) is
    'Have an organisation evaluated now, for some scenarios or for all that it enabled. Asked again within the minute, it is '
    'the same job. Returns {jobs: [{scenario_type, job_id, run_key}]}; the run in scenario_evaluation_runs has that run_key. '
    'For administrators of the organisation, and the service. 403 administrator_required; 404 organization_not_found; '
    '422 invalid_input.';

revoke execute on function notifications.request_scenario_evaluation(uuid, text[]), public.request_scenario_evaluation(uuid, text[])
from public, anon, authenticated, service_role;
grant execute on function notifications.request_scenario_evaluation(uuid, text[]), public.request_scenario_evaluation(uuid, text[])
to authenticated, service_role;
