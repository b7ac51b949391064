-- Definer: the tables belong to the owner. The insert decides between schedulers: the second finds the tick taken.
create or replace function casebase.start_schedule_run(schedule text, tick timestamptz) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_schedule casebase.schedules;
    v_msg_id bigint;
begin
    select s.* into v_schedule from casebase.schedules s where s.name = schedule;
    if not found then
        perform casebase.fail(404, 'schedule_not_found', '{"errors": [{"field": "schedule", "rule": "exists", "message": "is not a schedule"}]}',
            'List the schedules with `casebase schedule list`.');
    end if;

    insert into casebase.schedule_runs as r (schedule, tick) values (start_schedule_run.schedule, start_schedule_run.tick)
    on conflict do nothing;
    if not found then
        return null;
    end if;

    v_msg_id := casebase.enqueue(v_schedule.queue, v_schedule.payload);
    update casebase.schedule_runs r set msg_id = v_msg_id
    where r.schedule = start_schedule_run.schedule and r.tick = start_schedule_run.tick;
    update casebase.schedules s set last_tick = greatest(s.last_tick, start_schedule_run.tick)
    where s.name = start_schedule_run.schedule;
    return v_msg_id;
end
$$;

comment on function casebase.start_schedule_run(text, timestamptz) is
    'Queue a schedule''s job for one tick and return its id; null when that tick was run already.';

revoke execute on function casebase.start_schedule_run(text, timestamptz) from public;
grant execute on function casebase.start_schedule_run(text, timestamptz) to casebase_api, service_role;
