-- Definer: what a run counted is in an unexposed schema.
create or replace function notifications.list_evaluation_runs(organization_id uuid, cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_organization uuid;
    v_after record;
    v_runs public.scenario_evaluation_runs[];
begin
    perform casebase.require_valid(jsonb_build_object('cursor', cursor, 'page_size', page_size), '{
        "type": "object",
        "required": ["page_size"],
        "properties": {
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_organization := notifications.administered_organization(organization_id);
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(cursor) c;
    v_runs := array(
        select r from public.scenario_evaluation_runs r
        where r.organization_id = v_organization and (r.started_at, r.id) <= (v_after.at, v_after.id)
        order by r.started_at desc, r.id desc
        limit page_size + 1);
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'run_id', r.id,
                'scenario_types', r.scenario_types,
                'evaluated_at', r.evaluated_at,
                'evaluated_count', r.evaluated_count,
                'started_at', r.started_at,
                'finished_at', r.finished_at,
                'scenarios', notifications.run_outcomes(r.id)) order by r.started_at desc, r.id desc), '[]')
            from unnest(v_runs[:page_size]) r),
        'next_cursor', casebase.write_cursor((v_runs[page_size + 1]).started_at, (v_runs[page_size + 1]).id));
end
$$;

create or replace function public.list_evaluation_runs(
    organization_id uuid default null, cursor text default null, page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_evaluation_runs(organization_id, cursor, page_size)
$$;

comment on function public.list_evaluation_runs(uuid, text, int) is
    'A page of an organisation''s evaluations, latest first: {items: [{run_id, scenario_types, evaluated_at, evaluated_count, '
    'started_at, finished_at, scenarios: {type: {notified, opted_out, cooldown, failed_recently, quiet_hours}}}], '
    'next_cursor}. For administrators of the organisation, and the service. 403 administrator_required; 404 '
    'organization_not_found; 422 invalid_input.';

revoke execute on function notifications.list_evaluation_runs(uuid, text, int), public.list_evaluation_runs(uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function notifications.list_evaluation_runs(uuid, text, int), public.list_evaluation_runs(uuid, text, int)
to authenticated, service_role;
