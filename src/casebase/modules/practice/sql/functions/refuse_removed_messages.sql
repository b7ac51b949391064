-- Definer: whether the session is still there is not the caller's policies' to say.
create or replace function practice.refuse_removed_messages() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if exists (select from removed r join public.sessions s on s.id = r.session_id) then
        perform casebase.fail(409, 'message_immutable', '{}', 'A message leaves with its session.');
    end if;
    return null;
end
$$;

comment on function practice.refuse_removed_messages() is 'Trigger: a message is removed with its session only.';

revoke execute on function practice.refuse_removed_messages() from public;
