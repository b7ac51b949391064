-- Invoker. One look into an index for each person, however many notifications there are.
create or replace function notifications.list_milestone_records(user_ids uuid[], milestone_value int) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform notifications.require_batch(user_ids);
    perform casebase.require_valid(
        jsonb_build_object('milestone_value', milestone_value),
        '{"type": "object", "required": ["milestone_value"], "properties": {"milestone_value": {"type": "integer", "minimum": 1}}}');
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(to_jsonb(n)), '[]')
        from public.scenario_notifications n
        where n.user_id = any (user_ids) and n.milestone_value = milestone_value));
end
$$;

create or replace function public.list_milestone_records(user_ids uuid[], milestone_value int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_milestone_records(user_ids, milestone_value)
$$;

comment on function public.list_milestone_records(uuid[], int) is
    'The notification of a milestone of each of up to 100000 people who have one: {items [row]}. There is at most one, ever, '
    'and a failed one is listed too: it is sent again, and not written again. For the service. 422 invalid_input.';

revoke execute on function notifications.list_milestone_records(uuid[], int), public.list_milestone_records(uuid[], int)
from public, anon, authenticated, service_role;
grant execute on function notifications.list_milestone_records(uuid[], int), public.list_milestone_records(uuid[], int)
to service_role;
