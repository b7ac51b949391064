-- Definer: the service may run evaluations, and need not read who has which rules for it.
-- The hour is the occasion, so a replayed tick queues nothing twice, and neither do two schedulers (pg_cron's and ours).
create or replace function notifications.queue_scenario_evaluations(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "scenario_types": {"type": "array", "minItems": 1, "maxItems": 4,
                "items": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]}}
        }
    }');
    if payload ->> 'organization_id' is not null then
        perform notifications.acting_organization((payload ->> 'organization_id')::uuid);
    end if;
    return (
        select jsonb_build_object('queued', count(*))
        from notifications.enqueue_evaluations(
            (payload ->> 'organization_id')::uuid,
            case when payload ->> 'scenario_types' is not null
                then array(select jsonb_array_elements_text(payload -> 'scenario_types')) end,
            to_char(casebase.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24"Z"'))
    );
end
$$;

create or replace function public.queue_scenario_evaluations(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.queue_scenario_evaluations(payload)
$$;

comment on function public.queue_scenario_evaluations(jsonb) is
    'Queue this hour''s evaluations: {organization_id?, scenario_types?}, a job for each organisation that has people and each '
    'scenario that it enabled; the same hour queues none twice. What each tick of the schedules calls. Returns {queued}, '
    'those that waited already among them. For the service. 404 organization_not_found; 422 invalid_input.';

revoke execute on function notifications.queue_scenario_evaluations(jsonb), public.queue_scenario_evaluations(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.queue_scenario_evaluations(jsonb), public.queue_scenario_evaluations(jsonb) to service_role;
