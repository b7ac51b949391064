create or replace function practice.refuse_rewritten_message() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    perform casebase.fail(409, 'message_immutable', '{}', 'What was said stays.');
    return null;
end
$$;

comment on function practice.refuse_rewritten_message() is 'Trigger: no message is changed, whoever asks.';

revoke execute on function practice.refuse_rewritten_message() from public;
