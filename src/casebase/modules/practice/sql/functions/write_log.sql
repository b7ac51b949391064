create or replace function practice.write_log(
    level text,
    event_type text,
    user_id uuid default null,
    session_id uuid default null,
    metadata jsonb default '{}'::jsonb
) returns void
    language sql
    set search_path = ''
as $$
    insert into public.logs (level, event_type, user_key, session_id, metadata)
    values (write_log.level, write_log.event_type, practice.user_key(write_log.user_id), write_log.session_id, write_log.metadata)
$$;

comment on function practice.write_log(text, text, uuid, uuid, jsonb) is
    'Note an event of this transaction; the user by their key of the week, metadata as practice.is_log_metadata says.';

revoke execute on function practice.write_log(text, text, uuid, uuid, jsonb) from public;
