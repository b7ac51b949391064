-- Definer: it looks with the engine's eyes. An answer that somebody waits for: of very many people it looks at the first
-- so many, and says so.
create or replace function notifications.count_due_notifications(organization_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_most constant int := 60000;
    v_stretch constant int := 20000;
    v_at constant timestamptz := casebase.now();
    v_organization constant uuid := notifications.administered_organization(organization_id);
    v_types constant text[] := array(
        select r.scenario_type from notifications.rules_of(v_organization) r where r.is_enabled order by r.scenario_type);
    v_after uuid := uuid '00000000-0000-0000-0000-000000000000';
    v_batch record;
    v_seen int := 0;
    v_counts jsonb := '{}'::jsonb;
begin
    loop
        select * into v_batch
        from notifications.evaluate_batch(v_organization, v_types, v_at, v_after, v_stretch, null);
        v_seen := v_seen + v_batch.evaluated;
        v_counts := notifications.add_counts(v_counts, v_batch.counts);
        exit when v_batch.evaluated < v_stretch or v_seen >= v_most;
        v_after := v_batch.last_user;
    end loop;
    return jsonb_build_object(
        'organization_id', v_organization,
        'evaluated_at', v_at,
        'scenario_types', v_types,
        'scenarios', v_counts,
        'looked_at_count', v_seen,
        'people_count', (select count(*) from public.tenant_users u where u.tenant_id = v_organization));
end
$$;

create or replace function public.count_due_notifications(organization_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.count_due_notifications(organization_id)
$$;

comment on function public.count_due_notifications(uuid) is
    'What an evaluation of an organisation would do at this moment, in numbers; it writes nothing: {organization_id, '
    'evaluated_at, scenario_types (those that are enabled), scenarios: {type: {notified, opted_out, cooldown, '
    'failed_recently, quiet_hours}}, looked_at_count, people_count}. Of more than 60000 people it looks at the first, by id: '
    'then looked_at_count is less than people_count. For administrators of the organisation, and the service. '
    '403 administrator_required; 404 organization_not_found.';

revoke execute on function notifications.count_due_notifications(uuid), public.count_due_notifications(uuid)
from public, anon, authenticated, service_role;
grant execute on function notifications.count_due_notifications(uuid), public.count_due_notifications(uuid)
to authenticated, service_role;
