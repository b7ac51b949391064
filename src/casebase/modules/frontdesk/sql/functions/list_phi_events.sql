-- Definer: administrators decide about a log that members write. Planned for the filters that are given, so that each way
-- of asking has its index.
create or replace function frontdesk.list_phi_events(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
    set timezone = 'UTC'
as $$
declare
    v_tenant uuid;
    v_size int;
    v_type constant text := payload ->> 'phi_type';
    v_action constant text := payload ->> 'action_taken';
    v_session constant text := payload ->> 'session_id';
    v_from timestamptz;
    v_until timestamptz;
    v_after record;
    v_events public.phi_detection_events[];
    v_next public.phi_detection_events;
begin
    perform casebase.require_valid(coalesce(payload, '{}'), '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "phi_type": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                         "description": "must be a snake_case word of at most 40 characters"},
            "action_taken": {"type": "string", "enum": ["masked", "blocked", "alerted"]},
            "session_id": {"type": "string", "minLength": 1, "maxLength": 200},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"},
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    v_size := coalesce((payload ->> 'page_size')::numeric::int, 50);
    v_from := coalesce((payload ->> 'from')::timestamptz, '-infinity');
    v_until := coalesce((payload ->> 'until')::timestamptz, 'infinity');
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(payload ->> 'cursor') c;

    -- One row more than asked for tells whether there is a next page, and where it begins.
    v_events := array(
        select e from public.phi_detection_events e
        where e.tenant_id = v_tenant
          and (v_type is null or e.phi_type = v_type)
          and (v_action is null or e.action_taken = v_action)
          and (v_session is null or e.session_id = v_session)
          and e.created_at >= v_from and e.created_at < v_until
          and (e.created_at, e.id) <= (v_after.at, v_after.id)
        order by e.created_at desc, e.id desc
        limit v_size + 1);
    v_next := v_events[v_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'event_id', e.id, 'tenant_id', e.tenant_id, 'user_id', e.user_id, 'session_id', e.session_id,
                'phi_type', e.phi_type, 'masked_value', e.masked_value, 'context', e.context,
                'action_taken', e.action_taken, 'score', e.score, 'created_at', e.created_at)
                order by e.created_at desc, e.id desc), '[]')
            from unnest(v_events[:v_size]) e),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_phi_events(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_phi_events(payload)
$$;

comment on function public.list_phi_events(jsonb) is
    'A page of what scans found, newest first: {tenant_id?, phi_type?, action_taken?, session_id?, from?, until?, cursor?, '
    'page_size? (50, at most 200)} gives {items: [{event_id, tenant_id, user_id, session_id, phi_type, masked_value, context, '
    'action_taken, score, created_at}], next_cursor}. For the tenant''s owners and admins, and the service. 403 '
    'administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.list_phi_events(jsonb), public.list_phi_events(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_phi_events(jsonb), public.list_phi_events(jsonb) to authenticated, service_role;
