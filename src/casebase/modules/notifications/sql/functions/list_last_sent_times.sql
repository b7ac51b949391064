-- Invoker. One look into an index for each person, however many notifications there are.
create or replace function notifications.list_last_sent_times(user_ids uuid[], scenario_type text, organization_id uuid)
    returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform notifications.require_batch(user_ids), notifications.require_scenario_type(scenario_type);
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(jsonb_build_object('user_id', u.id, 'last_sent_at', n.triggered_at)), '[]')
        from (select distinct unnest(user_ids) as id) u
        cross join lateral (
            select s.triggered_at from public.scenario_notifications s
            where s.user_id = u.id and s.scenario_type = scenario_type and s.delivery_status <> 'failed'
              and (organization_id is null or s.organization_id = organization_id)
            order by s.triggered_at desc
            limit 1
        ) n));
end
$$;

create or replace function public.list_last_sent_times(user_ids uuid[], scenario_type text, organization_id uuid default null)
    returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_last_sent_times(user_ids, scenario_type, organization_id)
$$;

comment on function public.list_last_sent_times(uuid[], text, uuid) is
    'When each of up to 100000 people last got a notification of a scenario, from an organisation or from any: {items [{user_id, '
    'last_sent_at}]}; who never did is not listed. One that failed does not count, a pending one does. For the service. '
    '422 invalid_input.';

revoke execute on function
    notifications.list_last_sent_times(uuid[], text, uuid), public.list_last_sent_times(uuid[], text, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.list_last_sent_times(uuid[], text, uuid), public.list_last_sent_times(uuid[], text, uuid)
to service_role;
