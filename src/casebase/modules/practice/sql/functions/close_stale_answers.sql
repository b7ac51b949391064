-- Definer: nobody writes the tables. A session that somebody works with is left to them, or to the next call.
create or replace function practice.close_stale_answers(batch_limit int) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_stale record;
    v_closed int := 0;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object",
        "required": ["batch_limit"],
        "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 5000}}
    }');
    for v_stale in
        select a.id, a.session_id from practice.answers a
        where a.status = 'running' and practice.is_stale(a)
        order by a.id
        limit close_stale_answers.batch_limit
    loop
        perform from public.sessions s where s.id = v_stale.session_id for no key update skip locked;
        if found then
            v_closed := v_closed + ((practice.close_stale_answer(v_stale.id)).status <> 'running')::int;
        end if;
    end loop;
    return v_closed;
end
$$;

create or replace function public.close_stale_answers(batch_limit int default 100) returns int
    language sql
    set search_path = ''
as $$
    select practice.close_stale_answers(batch_limit)
$$;

comment on function public.close_stale_answers(int) is
    'Close answers whose process is gone, as nothing was heard of it for 20 seconds, up to batch_limit (1 to 5,000): what was '
    'produced is kept, and marked. Returns how many. For the service. 422 invalid_input.';

revoke execute on function practice.close_stale_answers(int), public.close_stale_answers(int)
from public, anon, authenticated, service_role;
grant execute on function practice.close_stale_answers(int), public.close_stale_answers(int) to service_role;
