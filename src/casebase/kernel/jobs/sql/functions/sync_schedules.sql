-- Definer: the rules are the modules' own, nobody edits the table. active_since moves when a rule changes or comes
-- back, so the ticks it would have had before are not run.
create or replace function casebase.sync_schedules(module text, rules jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    insert into casebase.schedules as s (name, module, cron, queue, payload)
    select r.name, sync_schedules.module, r.cron, r.queue, r.payload
    from jsonb_to_recordset(rules) as r (name text, cron text, queue text, payload jsonb)
    order by r.name
    on conflict (name) do update
        set module = excluded.module, cron = excluded.cron, queue = excluded.queue, payload = excluded.payload,
            is_enabled = true,
            active_since = case when s.is_enabled and s.cron = excluded.cron then s.active_since else casebase.now() end
        where (s.module, s.cron, s.queue, s.payload, s.is_enabled)
            is distinct from (excluded.module, excluded.cron, excluded.queue, excluded.payload, true);

    update casebase.schedules s set is_enabled = false
    where s.module = sync_schedules.module and s.is_enabled
      and not exists (select from jsonb_to_recordset(rules) as r (name text) where r.name = s.name);
end
$$;

comment on function casebase.sync_schedules(text, jsonb) is
    'Make the table hold a module''s rules [{name, cron, queue, payload}]; disable those it no longer declares.';

revoke execute on function casebase.sync_schedules(text, jsonb) from public;
grant execute on function casebase.sync_schedules(text, jsonb) to casebase_api, service_role;
