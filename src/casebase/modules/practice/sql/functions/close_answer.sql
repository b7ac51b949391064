-- Whoever calls it holds the session's lock, as a message is counted there; of several answers they are closed in the order
-- of their ids, in which add_answer_chunks takes them too. No person's client closes one.
create or replace function practice.close_answer(
    answer_id uuid,
    error_code text default 'interrupted',
    is_incomplete boolean default true
) returns practice.answers
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_answer practice.answers;
    v_text text;
    v_cuts int[];
    v_message_id uuid;
begin
    select * into v_answer from practice.answers a where a.id = answer_id for no key update;
    if v_answer.status is distinct from 'running' then
        return v_answer;
    end if;
    -- What is beyond a message's length was never sent either.
    select string_agg(c.content, '' order by c.position), array_agg(length(c.content) order by c.position)
    into v_text, v_cuts
    from (
        select n.position, n.content, sum(length(n.content)) over (order by n.position) as total
        from practice.answer_chunks n where n.answer_id = answer_id
    ) c
    where c.total <= 8000;

    if v_text is not null then
        -- Said when it was last worked on: to close it days later is nobody's activity, and revives no expired session.
        insert into public.messages (session_id, role, chat_type, content, is_incomplete, "timestamp")
        select v_answer.session_id, case v_answer.chat_type when 'main' then 'scenario' else 'helper' end, v_answer.chat_type,
               v_text, is_incomplete, greatest(v_answer.beat_at, s.last_activity_at + interval '1 microsecond')
        from public.sessions s where s.id = v_answer.session_id
        returning id into v_message_id;
    end if;
    delete from practice.answer_chunks c where c.answer_id = answer_id;
    update practice.answers a
    set status = case when v_text is null then 'failed' when is_incomplete then 'interrupted' else 'completed' end,
        message_id = v_message_id,
        cuts = v_cuts,
        error_code = case when v_text is null then coalesce(error_code, 'no_text') when is_incomplete then error_code end,
        finished_at = casebase.now()
    where a.id = answer_id
    returning * into v_answer;
    return v_answer;
end
$$;

comment on function practice.close_answer(uuid, text, boolean) is
    'End an answer that is being made, under its session''s lock: what was produced becomes its message, marked if '
    'is_incomplete; nothing, and it failed with the code. One that has ended stays. Returns it; nulls for none.';

revoke execute on function practice.close_answer(uuid, text, boolean) from public;
