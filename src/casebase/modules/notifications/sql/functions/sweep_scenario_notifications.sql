-- Definer: queues' tables belong to nobody else. A snapshot shows a pending row with its job or neither, as they change in
-- one transaction: a row without one was written by hand, or its job died (its worker was lost at every attempt).
create or replace function notifications.sweep_scenario_notifications(batch_limit int) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set jit = off
as $$
declare
    v_row record;
    v_queued jsonb[] := '{}'::jsonb[];
    v_failed int := 0;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object",
        "required": ["batch_limit"],
        "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 5000}}
    }');
    for v_row in
        select n.id, n.triggered_at, d.error_code
        from public.scenario_notifications n
        left join (
            select distinct on (j.payload ->> 'notification_id') j.payload ->> 'notification_id' as id, j.error_code, j.died_at
            from casebase.dead_jobs j
            where j.queue = 'notifications_dispatch'
            order by j.payload ->> 'notification_id', j.died_at desc
        ) d on d.id = n.id::text and d.died_at >= n.triggered_at
        where n.delivery_status = 'pending' and n.triggered_at < casebase.now() - interval '15 minutes'
          and not exists (select from pgmq.q_notifications_dispatch m where m.message ->> 'notification_id' = n.id::text)
        order by n.triggered_at
        limit sweep_scenario_notifications.batch_limit
        for update of n skip locked
    loop
        if v_row.error_code is not null then
            perform notifications.fail_notification(v_row.id, null, v_row.error_code);
            v_failed := v_failed + 1;
        elsif v_row.triggered_at < casebase.now() - interval '7 days' then
            perform notifications.fail_notification(v_row.id, 'expired', null);
            v_failed := v_failed + 1;
        else
            v_queued := v_queued || jsonb_build_object('notification_id', v_row.id);
        end if;
    end loop;
    if v_queued <> '{}' then
        perform casebase.enqueue_all('notifications_dispatch', v_queued);
    end if;
    return jsonb_build_object(
        'queued', cardinality(v_queued), 'failed', v_failed,
        'is_more', cardinality(v_queued) + v_failed = batch_limit);
end
$$;

create or replace function public.sweep_scenario_notifications(batch_limit int default 1000) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.sweep_scenario_notifications(batch_limit)
$$;

comment on function public.sweep_scenario_notifications(int) is
    'Take care of notifications that were left pending without a job for 15 minutes, up to batch_limit (1 to 5000) of them: one whose job died '
    'failed with its error, one older than 7 days is expired, any other gets a job. Returns {queued, failed, is_more}. For '
    'the service. 422 invalid_input.';

revoke execute on function notifications.sweep_scenario_notifications(int), public.sweep_scenario_notifications(int)
from public, anon, authenticated, service_role;
grant execute on function notifications.sweep_scenario_notifications(int), public.sweep_scenario_notifications(int) to service_role;
