-- From what is kept alone, whenever it is asked: who comes back to an answer gets the bytes that were sent.
create or replace function practice.answer_events(answer practice.answers, after int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'answer_id', answer.id,
        'session_id', answer.session_id,
        'status', answer.status,
        'message', (
            select jsonb_build_object(
                'answer_id', answer.id, 'message_id', q.id, 'client_id', q.client_id, 'chat_type', q.chat_type,
                'timestamp', q."timestamp", 'source', answer.source, 'progress', practice.progress_at(q))
            from public.messages q where q.id = answer.asked_message_id),
        'chunks', coalesce(case when answer.cuts is null then (
            select jsonb_agg(jsonb_build_object('position', c.position, 'text', c.content) order by c.position)
            from practice.answer_chunks c where c.answer_id = answer.id and c.position > after
        ) else (
            select jsonb_agg(
                jsonb_build_object('position', c.position, 'text', substr(m.content, c.until - c.length + 1, c.length))
                order by c.position)
            from (
                select u.position, u.length, (sum(u.length) over (order by u.position))::int as until
                from unnest(answer.cuts) with ordinality u (length, position)
            ) c
            join public.messages m on m.id = answer.message_id
            where c.position > after
        ) end, '[]'),
        'end', (case
            when answer.status = 'running' then null
            when answer.status = 'failed' then jsonb_build_object('code', answer.error_code)
            else (
                select jsonb_build_object(
                    'message_id', m.id, 'is_incomplete', m.is_incomplete, 'timestamp', m."timestamp", 'source', answer.source,
                    'progress', practice.progress_at(m))
                from public.messages m where m.id = answer.message_id)
        end))
$$;

comment on function practice.answer_events(practice.answers, int) is
    'What a stream of an answer tells: {answer_id, session_id, status, message, chunks: [{position, text}] after a position, '
    'end: null while it is made}.';

revoke execute on function practice.answer_events(practice.answers, int) from public;
