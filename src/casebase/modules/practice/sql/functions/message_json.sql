create or replace function practice.message_json(message public.messages) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'message_id', message.id, 'role', message.role, 'chat_type', message.chat_type, 'content', message.content,
        'timestamp', message."timestamp", 'client_id', message.client_id, 'is_incomplete', message.is_incomplete)
$$;

comment on function practice.message_json(public.messages) is 'How replies tell a message.';

revoke execute on function practice.message_json(public.messages) from public;
