-- Definer: the tables belong to the owner. The database's clock goes along: it is the one that all schedulers share.
create or replace function casebase.list_schedules()
    returns table (
        name text, module text, cron text, queue text, payload jsonb, is_enabled boolean,
        active_since timestamptz, last_tick timestamptz, now timestamptz
    )
    language sql stable security definer
    set search_path = ''
as $$
    select s.name, s.module, s.cron, s.queue, s.payload, s.is_enabled, s.active_since, s.last_tick, casebase.now()
    from casebase.schedules s
    order by s.name
$$;

comment on function casebase.list_schedules() is 'Every cron rule with its last tick, and the time it is.';

revoke execute on function casebase.list_schedules() from public;
grant execute on function casebase.list_schedules() to casebase_api, service_role;
