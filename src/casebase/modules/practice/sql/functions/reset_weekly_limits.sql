-- Definer: nobody is granted to write profiles. What is locked is being reset or counted by its owner's call.
create or replace function practice.reset_weekly_limits(batch_limit int) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_count int;
begin
    perform practice.require_batch_limit(batch_limit);
    -- Every hour, so that no call has to make the key of a new week. First, as nothing is locked yet.
    perform practice.make_log_keys();
    with due as (
        select p.id from public.profiles p
        where p.current_week_completion_count > 0 and p.week_reset_date <= v_now
        order by p.week_reset_date
        limit batch_limit
        for no key update skip locked
    )
    update public.profiles p
    set current_week_completion_count = 0, week_reset_date = practice.next_week(v_now)
    where p.id = any (array(select d.id from due d));
    get diagnostics v_count = row_count;
    if v_count > 0 then
        perform practice.write_log('info', 'weekly_limit_reset', metadata => jsonb_build_object('count', v_count));
    end if;
    perform practice.note_cleanup('reset_weekly_limits', v_count);
    return v_count;
end
$$;

create or replace function public.reset_weekly_limits(batch_limit int default 1000) returns int
    language sql
    set search_path = ''
as $$
    select practice.reset_weekly_limits(batch_limit)
$$;

comment on function public.reset_weekly_limits(int) is
    'Begin the week anew for profiles whose last counted week is over: batch_limit at most, 1 to 10,000. Who starts a session '
    'before that is reset by then. Returns how many; call it until there are fewer than asked for. For the service. 422 '
    'invalid_input.';

revoke execute on function practice.reset_weekly_limits(int), public.reset_weekly_limits(int)
from public, anon, authenticated, service_role;
grant execute on function practice.reset_weekly_limits(int), public.reset_weekly_limits(int) to service_role;
