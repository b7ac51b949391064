-- The key of the job is that of its run: queued twice it is one job, run twice it is one run.
create or replace function notifications.enqueue_evaluations(organization_id uuid, scenario_types text[], occasion text)
    returns table (scenario_type text, run_key text, job_id bigint)
    language sql
    set search_path = ''
as $$
    select r.scenario_type, k.run_key, casebase.enqueue(
        'notifications_evaluate',
        jsonb_build_object(
            'organization_id', t.id, 'scenario_types', jsonb_build_array(r.scenario_type), 'run_key', k.run_key),
        k.run_key)
    from public.tenants t
    cross join lateral notifications.rules_of(t.id) r
    cross join lateral (select concat_ws(':', r.scenario_type, t.id, enqueue_evaluations.occasion)) as k (run_key)
    where t.id = coalesce(enqueue_evaluations.organization_id, t.id)
      and r.is_enabled and r.scenario_type = any (coalesce(enqueue_evaluations.scenario_types, array[r.scenario_type]))
      and exists (select from public.tenant_users m where m.tenant_id = t.id)
$$;

comment on function notifications.enqueue_evaluations(uuid, text[], text) is
    'Queue an evaluation for each enabled scenario of an organisation, or of all that have people; once an occasion.';

revoke execute on function notifications.enqueue_evaluations(uuid, text[], text) from public;
