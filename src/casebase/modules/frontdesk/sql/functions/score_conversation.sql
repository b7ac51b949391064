-- Definer: scores are written here alone.
create or replace function frontdesk.score_conversation(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
    v_user constant text := payload ->> 'user_id';
    v_kept record;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["session_id", "score", "version"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "session_id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$",
                           "description": "must be a code of at most 200 letters, digits and . _ : -"},
            "user_id": {"type": "string", "format": "uuid"},
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
            "version": {"type": "integer", "minimum": 1, "maximum": 1000},
            "feedback": {"type": "string", "maxLength": 4000},
            "measures": {"type": "object", "maxBytes": 2000}
        }
    }');
    if jsonb_path_exists(payload -> 'measures', 'strict $.* ? (@.type() != "number" && @.type() != "boolean" && @.type() != "null")') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('measures', 'type', 'must hold numbers and booleans alone: what was said is not kept'))));
    end if;
    if jsonb_path_exists(payload -> 'measures', 'strict $.keyvalue() ? (!(@.key like_regex "^[a-z][a-z0-9_]{0,59}$"))') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('measures', 'pattern', 'must have names like turn_count: 60 of a to z, 0 to 9 and _ at most'))));
    end if;
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    if v_user is not null and not exists (select from auth.users u where u.id = v_user::uuid) then
        perform casebase.fail(404, 'user_not_found', '{"field": "user_id"}');
    end if;
    -- xmax is 0 in a row that was inserted and not updated. A mask may be longer than what it hides.
    insert into public.conversation_scores as s (tenant_id, session_id, user_id, score, version, feedback, metadata)
    values (
        v_tenant, payload ->> 'session_id', v_user::uuid, (payload ->> 'score')::numeric, (payload ->> 'version')::numeric,
        nullif(left(casebase.scrub_text(btrim(payload ->> 'feedback')), 4000), ''),
        coalesce(nullif(payload -> 'measures', 'null'), '{}'))
    on conflict (tenant_id, session_id, version) do update
    set user_id = excluded.user_id, score = excluded.score, feedback = excluded.feedback, metadata = excluded.metadata
    returning s.id, s.score, s.version, s.metadata, s.created_at, s.updated_at, s.xmax = 0 as is_new into strict v_kept;
    return jsonb_build_object(
        'score_id', v_kept.id, 'tenant_id', v_tenant, 'session_id', payload ->> 'session_id', 'score', v_kept.score,
        'version', v_kept.version, 'measures', v_kept.metadata, 'created_at', v_kept.created_at,
        'updated_at', v_kept.updated_at, 'is_replaced', not v_kept.is_new);
end
$$;

create or replace function public.score_conversation(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.score_conversation(payload)
$$;

comment on function public.score_conversation(jsonb) is
    'Keep how well a conversation went: {tenant_id?, session_id, user_id?, score (0 to 100), version (of the scoring), feedback? '
    '(masked), measures? (numbers and booleans, named like turn_count)}. A session has one score a version: scored again, it '
    'is replaced. Returns {score_id, tenant_id, session_id, score, version, measures, created_at, updated_at, is_replaced}. For '
    'the tenant''s owners and admins, and the service. 403 administrator_required; 404 tenant_not_found, user_not_found; 422 '
    'invalid_input.';

revoke execute on function frontdesk.score_conversation(jsonb), public.score_conversation(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.score_conversation(jsonb), public.score_conversation(jsonb) to authenticated, service_role;
