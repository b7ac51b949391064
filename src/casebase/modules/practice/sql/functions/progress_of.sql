create or replace function practice.progress_of(message_count_main integer) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select jsonb_build_object(
        'message_count_main', message_count_main, 'cap', 30, 'conclude_from', 15, 'conclude_until', 25,
        'should_conclude', message_count_main >= 15, 'remaining', 30 - message_count_main)
$$;

comment on function practice.progress_of(integer) is
    'How near a conversation is to its end: it should conclude between 15 and 25 messages, and has 30 at most.';

revoke execute on function practice.progress_of(integer) from public;
