create or replace function practice.latest_messages(session_id uuid, chat_type text, "limit" int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('role', l.role, 'content', l.content) order by l."timestamp"), '[]')
    from (
        select m.role, m.content, m."timestamp"
        from public.messages m
        where m.session_id = latest_messages.session_id and m.chat_type = latest_messages.chat_type
        order by m."timestamp" desc
        limit latest_messages."limit"
    ) l
$$;

comment on function practice.latest_messages(uuid, text, int) is 'The last messages of a chat, the oldest first.';

revoke execute on function practice.latest_messages(uuid, text, int) from public;
