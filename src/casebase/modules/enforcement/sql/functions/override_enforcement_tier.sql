-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.override_enforcement_tier(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_tier text;
    v_expires_at timestamptz;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "tier", "expires_at", "note"]'::jsonb,
        'properties', '{
            "case_id": {"type": "string", "format": "uuid"},
            "expires_at": {"type": "string", "format": "date-time"},
            "note": {"type": "string", "maxLength": 2000, "pattern": "\\S", "description": "must say why"},
            "actor": {"type": "string", "maxLength": 120}
        }'::jsonb || jsonb_build_object('tier', jsonb_build_object('type', 'string', 'enum',
            (select jsonb_agg(t.tier order by t.tier) from public.enforcement_tier_lookup t)))));
    v_tier := payload ->> 'tier';
    v_expires_at := (payload ->> 'expires_at')::timestamptz;
    -- An override stands until somebody looks again, so its end cannot be left for good.
    if v_expires_at <= casebase.now() or v_expires_at > casebase.now() + interval '1 year' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('expires_at', 'range', 'must lie in the future, within a year'))));
    end if;

    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    update public.enforcement_cases c
    set tier = v_tier, tier_reason = 'override', tier_as_of = casebase.now(), tier_override = v_tier,
        override_expires_at = v_expires_at,
        override_note = left(enforcement.clean_text(v_case.judgment_id, payload ->> 'note'), 2000)
    where c.id = v_case.id;
    perform enforcement.add_history(
        v_case, 'tier_overridden',
        jsonb_build_object(
            'tier', jsonb_build_object('from', v_case.tier, 'to', v_tier),
            'tier_override', jsonb_build_object('from', v_case.tier_override, 'to', v_tier),
            'override_expires_at', jsonb_build_object('from', v_case.override_expires_at, 'to', v_expires_at)),
        payload ->> 'note', enforcement.actor(payload ->> 'actor'), enforcement.actor_type());
    perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    return jsonb_build_object(
        'case_id', v_case.id, 'tier', v_tier, 'previous_tier', v_case.tier, 'override_expires_at', v_expires_at);
end
$$;

create or replace function public.override_enforcement_tier(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.override_enforcement_tier(payload)
$$;

comment on function public.override_enforcement_tier(jsonb) is
    'Set an open case''s tier by hand until a time within a year: {case_id, tier, expires_at, note, actor?}; scores do not move '
    'it until then, and a second override replaces the first. Returns case_id, tier, previous_tier, override_expires_at. '
    '404 case_not_found; 409 case_closed; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.override_enforcement_tier(jsonb), public.override_enforcement_tier(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.override_enforcement_tier(jsonb), public.override_enforcement_tier(jsonb)
to authenticated, service_role;
