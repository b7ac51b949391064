-- Definer: nobody is granted to delete. By ctid: the rows are locked, and joined by key the planner reads the whole table.
create or replace function practice.delete_old_logs(batch_limit int) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_until constant timestamptz := casebase.now() - interval '30 days';
    v_count int;
begin
    perform practice.require_batch_limit(batch_limit);
    delete from public.logs l
    where l.ctid = any (array(
        select o.ctid from public.logs o
        where o.created_at < v_until
        order by o.created_at
        limit batch_limit
        for update skip locked));
    get diagnostics v_count = row_count;
    -- A week that ended thirty days ago has no events left that may be kept: nobody needs its key.
    delete from practice.log_keys k where k.week_until <= v_until;
    perform practice.note_cleanup('delete_old_logs', v_count);
    return v_count;
end
$$;

create or replace function public.delete_old_logs(batch_limit int default 5000) returns int
    language sql
    set search_path = ''
as $$
    select practice.delete_old_logs(batch_limit)
$$;

comment on function public.delete_old_logs(int) is
    'Delete events that are over thirty days old, batch_limit at most, 1 to 10,000, and the keys that nothing younger is '
    'hashed with. Returns how many; call it until there are fewer than asked for. For the service. 422 invalid_input.';

revoke execute on function practice.delete_old_logs(int), public.delete_old_logs(int)
from public, anon, authenticated, service_role;
grant execute on function practice.delete_old_logs(int), public.delete_old_logs(int) to service_role;
