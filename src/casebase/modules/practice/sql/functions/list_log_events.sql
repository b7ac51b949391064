-- Definer: who looks after the installation reads its log, and the service does. Planned for the filters that are given,
-- so that each way of asking has the index that was made for it.
create or replace function practice.list_log_events(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
    set timezone = 'UTC'
as $$
declare
    v_size int;
    v_level constant text := payload ->> 'level';
    v_event_type constant text := payload ->> 'event_type';
    v_session_id uuid;
    v_from timestamptz;
    v_until timestamptz;
    v_after record;
    v_events public.logs[];
    v_next public.logs;
begin
    perform casebase.require_valid(coalesce(payload, '{}'), '{
        "type": "object",
        "properties": {
            "level": {"type": "string", "enum": ["error", "warn", "info", "debug"]},
            "event_type": {"type": "string", "pattern": "^[a-z_]{1,60}$", "description": "must be an event type"},
            "session_id": {"type": "string", "format": "uuid"},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"},
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    perform practice.require_administrator();
    v_size := coalesce((payload ->> 'page_size')::numeric::int, 50);
    v_session_id := (payload ->> 'session_id')::uuid;
    v_from := coalesce((payload ->> 'from')::timestamptz, '-infinity');
    v_until := coalesce((payload ->> 'until')::timestamptz, 'infinity');
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(payload ->> 'cursor') c;

    -- One row more than asked for tells whether there is a next page, and where it begins.
    v_events := array(
        select l from public.logs l
        where (v_level is null or l.level = v_level)
          and (v_event_type is null or l.event_type = v_event_type)
          and (v_session_id is null or l.session_id = v_session_id)
          and l.created_at >= v_from and l.created_at < v_until
          and (l.created_at, l.id) <= (v_after.at, v_after.id)
        order by l.created_at desc, l.id desc
        limit v_size + 1);
    v_next := v_events[v_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'event_id', e.id, 'level', e.level, 'event_type', e.event_type, 'user_key', e.user_key,
                'session_id', e.session_id, 'metadata', coalesce(e.metadata, '{}'), 'created_at', e.created_at)
                order by e.created_at desc, e.id desc), '[]')
            from unnest(v_events[:v_size]) e),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_log_events(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.list_log_events(payload)
$$;

comment on function public.list_log_events(jsonb) is
    'A page of the operational log, newest first: {level?, event_type?, session_id?, from?, until?, cursor?, page_size? (50, '
    'at most 200)} gives {items: [{event_id, level, event_type, user_key, session_id, metadata, created_at}], next_cursor}. '
    'user_key is the same for a person within a week, and names nobody. For owners and admins of the default tenant, and the '
    'service. 403 administrator_required; 422 invalid_input.';

revoke execute on function practice.list_log_events(jsonb), public.list_log_events(jsonb)
from public, anon, authenticated, service_role;
grant execute on function practice.list_log_events(jsonb), public.list_log_events(jsonb) to authenticated, service_role;
