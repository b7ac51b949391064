-- Definer: nobody is granted to delete. What is locked is in use, by its owner or by another cleanup: the next run meets it
-- again. A batch is one short transaction, so that who starts anew waits for no more than that.
create or replace function practice.delete_expired_sessions(batch_limit int) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_until constant timestamptz := casebase.now() - interval '168 hours';
    v_count int;
begin
    perform practice.require_batch_limit(batch_limit);
    with due as (
        select s.id from public.sessions s
        where s.is_completed = false and s.started_at < v_until and s.last_activity_at < v_until
        order by s.started_at
        limit batch_limit
        for update skip locked
    )
    delete from public.sessions s where s.id = any (array(select d.id from due d));
    get diagnostics v_count = row_count;
    if v_count > 0 then
        perform practice.write_log('info', 'session_expiration_cleanup', metadata => jsonb_build_object('count', v_count));
    end if;
    perform practice.note_cleanup('delete_expired_sessions', v_count);
    return v_count;
end
$$;

create or replace function public.delete_expired_sessions(batch_limit int default 500) returns int
    language sql
    set search_path = ''
as $$
    select practice.delete_expired_sessions(batch_limit)
$$;

comment on function public.delete_expired_sessions(int) is
    'Delete sessions that were not completed and in which nothing happened for seven days, with their messages: batch_limit '
    'at most, 1 to 10,000. Returns how many; call it until there are fewer than asked for. For the service. 422 invalid_input.';

revoke execute on function practice.delete_expired_sessions(int), public.delete_expired_sessions(int)
from public, anon, authenticated, service_role;
grant execute on function practice.delete_expired_sessions(int), public.delete_expired_sessions(int) to service_role;
