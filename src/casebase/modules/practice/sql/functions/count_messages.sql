-- Definer: people may append a message and not write counters. In the order of ids, so that two batches never wait for
-- each other. updated_at grows with each statement, also of who began before another and was written after it.
create or replace function practice.count_messages() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_messages bigint;
    v_sessions bigint := 1;
    v_counted bigint;
begin
    select count(*) into v_messages from added a;
    if v_messages = 1 then
        -- Most are said one by one.
        update public.sessions s
        set message_count_main = s.message_count_main + (a.chat_type = 'main')::int,
            message_count_helper = s.message_count_helper + (a.chat_type = 'helper')::int,
            last_activity_at = greatest(s.last_activity_at, a."timestamp"),
            updated_at = greatest(s.updated_at + interval '1 microsecond', a.created_at)
        from added a
        where s.id = a.session_id and not s.is_completed;
    else
        select count(distinct a.session_id) into v_sessions from added a;
        perform from public.sessions s
        where s.id in (select a.session_id from added a)
        order by s.id for no key update;
        update public.sessions s
        set message_count_main = s.message_count_main + n.main,
            message_count_helper = s.message_count_helper + n.helper,
            last_activity_at = greatest(s.last_activity_at, n.latest),
            updated_at = greatest(s.updated_at + interval '1 microsecond', n.written)
        from (
            select a.session_id,
                   count(*) filter (where a.chat_type = 'main') as main,
                   count(*) filter (where a.chat_type = 'helper') as helper,
                   max(a."timestamp") as latest,
                   max(a.created_at) as written
            from added a
            group by a.session_id
        ) n
        where s.id = n.session_id and not s.is_completed;
    end if;
    get diagnostics v_counted = row_count;
    if v_counted <> v_sessions then
        perform casebase.fail(409, 'session_completed', '{}', 'Nothing is added to a completed session. Start another.');
    end if;
    return null;
end
$$;

comment on function practice.count_messages() is
    'Trigger: the messages that a statement added are counted in their sessions, which were active then.';

revoke execute on function practice.count_messages() from public;
