create or replace function practice.progress_at(message public.messages) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.progress_of(count(*)::int)
    from public.messages m
    where m.session_id = message.session_id and m.chat_type = 'main' and m."timestamp" <= message."timestamp"
$$;

comment on function practice.progress_at(public.messages) is 'How near to its end a conversation was with a message.';

revoke execute on function practice.progress_at(public.messages) from public;
