create or replace function public.log_event(
    level text,
    event_type text,
    user_id uuid default null,
    session_id uuid default null,
    metadata jsonb default '{}'::jsonb
) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.log_events(jsonb_build_object('events', jsonb_build_array(jsonb_build_object(
        'event_id', gen_random_uuid(), 'level', level, 'event_type', event_type, 'user_id', user_id, 'session_id', session_id,
        'metadata', metadata))))
$$;

comment on function public.log_event(text, text, uuid, uuid, jsonb) is
    'Note one event that has just happened, as log_events does. Returns {logged}. For the service. 422 invalid_input, '
    'constraint_violated (a type that nobody knows).';

revoke execute on function public.log_event(text, text, uuid, uuid, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.log_event(text, text, uuid, uuid, jsonb) to service_role;
