-- Invoker. One look into an index for each person, however many notifications there are.
create or replace function notifications.list_sent_since_threshold(
    user_ids uuid[], scenario_type text, cutoff timestamptz, organization_id uuid
)
    returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform notifications.require_batch(user_ids), notifications.require_scenario_type(scenario_type);
    if cutoff is null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('cutoff', 'required', 'is missing'))));
    end if;
    return jsonb_build_object('user_ids', (
        select coalesce(jsonb_agg(u.id), '[]')
        from (select distinct unnest(user_ids) as id) u
        where cutoff <= (
            select s.triggered_at from public.scenario_notifications s
            where s.user_id = u.id and s.scenario_type = scenario_type and s.delivery_status <> 'failed'
              and (organization_id is null or s.organization_id = organization_id)
            -- The latest tells, and by its order the cooldown's GiST index is no candidate.
            order by s.triggered_at desc
            limit 1)));
end
$$;

create or replace function public.list_sent_since_threshold(
    user_ids uuid[], scenario_type text, cutoff timestamptz, organization_id uuid default null
)
    returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_sent_since_threshold(user_ids, scenario_type, cutoff, organization_id)
$$;

comment on function public.list_sent_since_threshold(uuid[], text, timestamptz, uuid) is
    'Who of up to 100000 people got a notification of a scenario at the cutoff or later, from an organisation or from any: '
    '{user_ids}. One that failed does not count, a pending one does. For the service. 422 invalid_input.';

revoke execute on function
    notifications.list_sent_since_threshold(uuid[], text, timestamptz, uuid),
    public.list_sent_since_threshold(uuid[], text, timestamptz, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.list_sent_since_threshold(uuid[], text, timestamptz, uuid),
    public.list_sent_since_threshold(uuid[], text, timestamptz, uuid)
to service_role;
