-- Definer: who may read is asked once, before the rows are. Planned for the filters that are given.
create or replace function frontdesk.list_conversation_scores(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
declare
    v_size int;
    v_tenant uuid;
    v_session constant text := payload ->> 'session_id';
    v_version int;
    v_lowest int;
    v_highest int;
    v_from timestamptz;
    v_until timestamptz;
    v_after record;
    v_scores public.conversation_scores[];
    v_next public.conversation_scores;
begin
    perform casebase.require_valid(coalesce(payload, '{}'), '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "session_id": {"type": "string", "minLength": 1, "maxLength": 200},
            "version": {"type": "integer", "minimum": 1, "maximum": 1000},
            "min_score": {"type": "integer", "minimum": 0, "maximum": 100},
            "max_score": {"type": "integer", "minimum": 0, "maximum": 100},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"},
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    v_size := coalesce((payload ->> 'page_size')::numeric::int, 50);
    v_version := (payload ->> 'version')::numeric;
    v_lowest := (payload ->> 'min_score')::numeric;
    v_highest := (payload ->> 'max_score')::numeric;
    v_from := coalesce((payload ->> 'from')::timestamptz, '-infinity');
    v_until := coalesce((payload ->> 'until')::timestamptz, 'infinity');
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(payload ->> 'cursor') c;

    v_scores := array(
        select s from public.conversation_scores s
        where s.tenant_id = v_tenant
          and (v_session is null or s.session_id = v_session)
          and (v_version is null or s.version = v_version)
          and (v_lowest is null or s.score >= v_lowest)
          and (v_highest is null or s.score <= v_highest)
          and s.created_at >= v_from and s.created_at < v_until
          and (s.created_at, s.id) <= (v_after.at, v_after.id)
        order by s.created_at desc, s.id desc
        limit v_size + 1);
    v_next := v_scores[v_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'score_id', s.id, 'tenant_id', s.tenant_id, 'session_id', s.session_id, 'user_id', s.user_id,
                'score', s.score, 'version', s.version, 'feedback', s.feedback, 'measures', s.metadata,
                'created_at', s.created_at, 'updated_at', s.updated_at) order by s.created_at desc, s.id desc), '[]')
            from unnest(v_scores[:v_size]) s),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_conversation_scores(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_conversation_scores(payload)
$$;

comment on function public.list_conversation_scores(jsonb) is
    'A page of a tenant''s scores, newest first: {tenant_id?, session_id?, version?, min_score?, max_score?, from?, until?, '
    'cursor?, page_size? (50, at most 200)} gives {items: [{score_id, tenant_id, session_id, user_id, score, version, feedback, '
    'measures, created_at, updated_at}], next_cursor}. For the tenant''s owners and admins, and the service. 403 '
    'administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.list_conversation_scores(jsonb), public.list_conversation_scores(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_conversation_scores(jsonb), public.list_conversation_scores(jsonb)
to authenticated, service_role;
