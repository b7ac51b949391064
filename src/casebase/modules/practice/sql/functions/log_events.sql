-- Definer: nobody writes the log's table by hand. A session that is being deleted is left unnamed, and not waited for; one
-- that is named stays until this is written.
create or replace function practice.log_events(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_events constant jsonb := payload -> 'events';
    v_now constant timestamptz := casebase.now();
    v_sessions uuid[];
    v_count int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["events"],
        "properties": {
            "events": {
                "type": "array",
                "maxItems": 1000,
                "items": {
                    "type": "object",
                    "required": ["event_id", "level", "event_type"],
                    "properties": {
                        "event_id": {"type": "string", "format": "uuid"},
                        "at": {"type": "string", "format": "date-time"},
                        "level": {"type": "string", "enum": ["error", "warn", "info", "debug"]},
                        "event_type": {"type": "string", "maxLength": 60},
                        "user_id": {"type": "string", "format": "uuid"},
                        "session_id": {"type": "string", "format": "uuid"},
                        "metadata": {"type": "object"}
                    }
                }
            }
        }
    }');
    if exists (
        select from jsonb_array_elements(v_events) e
        where not practice.is_log_metadata(coalesce(nullif(e -> 'metadata', 'null'), '{}'))
    ) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'events', 'measures', 'must have as metadata numbers, booleans and short codes, under known names'))));
    end if;

    -- Before anything is locked, as it may have to be made.
    perform practice.user_key(gen_random_uuid());
    v_sessions := array(
        select s.id from public.sessions s
        where s.id in (select (e ->> 'session_id')::uuid from jsonb_array_elements(v_events) e)
        for key share skip locked);
    insert into public.logs (id, level, event_type, user_key, session_id, metadata, created_at)
    select (e ->> 'event_id')::uuid, e ->> 'level', e ->> 'event_type', practice.user_key((e ->> 'user_id')::uuid), s.id,
           coalesce(nullif(e -> 'metadata', 'null'), '{}'), t.at
    from jsonb_array_elements(v_events) e
    cross join lateral (select least(coalesce((e ->> 'at')::timestamptz, v_now), v_now) as at) t
    left join unnest(v_sessions) s (id) on s.id = (e ->> 'session_id')::uuid
    -- What waited for longer than it may be kept.
    where t.at >= v_now - interval '30 days'
    on conflict (id) do nothing;
    get diagnostics v_count = row_count;
    return jsonb_build_object('logged', v_count);
end
$$;

create or replace function public.log_events(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.log_events(payload)
$$;

comment on function public.log_events(jsonb) is
    'Note events: {events: up to 1,000 of {event_id, level, event_type, at?, user_id?, session_id?, metadata?}}. Written again '
    'under its event_id, an event counts once; metadata holds numbers, booleans and short codes under known names; the user is '
    'kept as a hash of the week, and a session that is gone is left out. Returns {logged}. For the service. 422 invalid_input, '
    'constraint_violated (a type that nobody knows).';

revoke execute on function practice.log_events(jsonb), public.log_events(jsonb) from public, anon, authenticated, service_role;
grant execute on function practice.log_events(jsonb), public.log_events(jsonb) to service_role;
