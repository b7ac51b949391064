-- Definer: who administers an organisation counts all of its notifications, and what runs counted is in an unexposed schema.
-- An hourly run finds the same people held back again, so of each day and scenario the last run that found somebody speaks:
-- one that found nobody is not kept for long.
create or replace function notifications.get_notification_overview(organization_id uuid, from_day date, to_day date)
    returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_organization constant uuid := notifications.administered_organization(organization_id);
    v_zone constant text := (notifications.settings_of(v_organization)).timezone;
    v_to date := coalesce(to_day, (casebase.now() at time zone v_zone)::date);
    v_from date := coalesce(from_day, v_to - 29);
    v_begin timestamptz;
    v_end timestamptz;
    v_told jsonb;
    v_people bigint;
    v_held jsonb;
begin
    if v_from not between '2000-01-01' and '2199-12-31' or v_to not between v_from and v_from + 366 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('to_day', 'range', 'must lie within the 366 days from from_day on'))));
    end if;
    v_begin := v_from::timestamp at time zone v_zone;
    v_end := (v_to + 1)::timestamp at time zone v_zone;

    with told as materialized (
        select n.user_id, n.scenario_type, n.delivery_status, n.read_at is not null as is_read,
               (n.triggered_at at time zone v_zone)::date as day
        from public.scenario_notifications n
        where n.organization_id = v_organization and n.triggered_at >= v_begin and n.triggered_at < v_end
          and n.scenario_type = any (array['certification_expiry', 'inactivity', 'milestone', 'welcome_back'])
    )
    select coalesce((
               select jsonb_agg(jsonb_build_object(
                   'day', c.day, 'scenario_type', c.scenario_type, 'sent', c.sent, 'pending', c.pending,
                   'failed', c.failed, 'read', c.read) order by c.day, c.scenario_type)
               from (
                   select t.day, t.scenario_type,
                          count(*) filter (where t.delivery_status = 'sent') as sent,
                          count(*) filter (where t.delivery_status = 'pending') as pending,
                          count(*) filter (where t.delivery_status = 'failed') as failed,
                          count(*) filter (where t.is_read) as read
                   from told t group by t.day, t.scenario_type
               ) c), '[]'),
           (select count(distinct t.user_id) from told t where t.delivery_status <> 'failed')
    into v_told, v_people;

    select coalesce(jsonb_agg(jsonb_build_object(
        'day', h.day, 'scenario_type', h.scenario_type, 'outcome', c.outcome, 'count', c.count)
        order by h.day, h.scenario_type, c.outcome), '[]')
    into v_held
    from (
        select distinct on (day, t.scenario_type) (r.started_at at time zone v_zone)::date as day, t.scenario_type, r.id
        from public.scenario_evaluation_runs r
        cross join lateral unnest(r.scenario_types) t (scenario_type)
        where r.organization_id = v_organization and r.started_at >= v_begin and r.started_at < v_end
          and r.finished_at is not null
          and exists (select from notifications.run_counts k where k.run_id = r.id and k.scenario_type = t.scenario_type)
        order by day, t.scenario_type, r.started_at desc
    ) h
    join notifications.run_counts c on c.run_id = h.id and c.scenario_type = h.scenario_type and c.outcome <> 'notified';

    return jsonb_build_object(
        'organization_id', v_organization,
        'timezone', v_zone,
        'from_day', v_from,
        'to_day', v_to,
        'people_count', v_people,
        'days', v_told,
        'held', v_held,
        'last_run', (
            select jsonb_build_object(
                'run_id', r.id, 'started_at', r.started_at, 'finished_at', r.finished_at, 'scenario_types', r.scenario_types,
                'evaluated_count', r.evaluated_count)
            from public.scenario_evaluation_runs r
            where r.organization_id = v_organization
            order by r.started_at desc, r.id desc
            limit 1));
end
$$;

create or replace function public.get_notification_overview(
    organization_id uuid default null, from_day date default null, to_day date default null
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.get_notification_overview(organization_id, from_day, to_day)
$$;

comment on function public.get_notification_overview(uuid, date, date) is
    'What an organisation''s people were told in a period (by its calendar; the last 30 days if none is named, at most 367): '
    '{organization_id, timezone, from_day, to_day, people_count, days: [{day, scenario_type, sent, pending, failed, read}], '
    'held: [{day, scenario_type, outcome, count}], last_run: {run_id, started_at, finished_at, scenario_types, '
    'evaluated_count} or null}. people_count leaves failed ones out; held counts whom the last run of a day could not notify, '
    'by reason. For administrators of the organisation, and the service. 403 administrator_required; 404 '
    'organization_not_found; 422 invalid_input.';

revoke execute on function
    notifications.get_notification_overview(uuid, date, date), public.get_notification_overview(uuid, date, date)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.get_notification_overview(uuid, date, date), public.get_notification_overview(uuid, date, date)
to authenticated, service_role;
