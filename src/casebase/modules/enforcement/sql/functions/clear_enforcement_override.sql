-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.clear_enforcement_override(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_tier text;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "note": {"type": "string", "maxLength": 2000},
            "actor": {"type": "string", "maxLength": 120}
        }
    }');
    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    v_tier := v_case.tier;
    if v_case.tier_override is not null then
        v_tier := enforcement.tier_of(v_case.collectability_score);
        update public.enforcement_cases c
        set tier = v_tier, tier_as_of = casebase.now(),
            tier_reason = case when c.collectability_score is null then 'no score' else 'score' end,
            tier_override = null, override_expires_at = null, override_note = null
        where c.id = v_case.id;
        perform enforcement.add_history(
            v_case, 'override_cleared',
            jsonb_build_object(
                'tier', jsonb_build_object('from', v_case.tier, 'to', v_tier),
                'tier_override', jsonb_build_object('from', v_case.tier_override, 'to', null),
                'override_expires_at', jsonb_build_object('from', v_case.override_expires_at, 'to', null)),
            payload ->> 'note', enforcement.actor(payload ->> 'actor'), enforcement.actor_type());
        perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    end if;
    return jsonb_build_object(
        'case_id', v_case.id, 'tier', v_tier, 'previous_tier', v_case.tier,
        'is_changed', v_case.tier_override is not null);
end
$$;

create or replace function public.clear_enforcement_override(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.clear_enforcement_override(payload)
$$;

comment on function public.clear_enforcement_override(jsonb) is
    'End an open case''s tier override, so that its score decides again: {case_id, note?, actor?}; without one nothing changes. '
    'Returns case_id, tier, previous_tier, is_changed. '
    '404 case_not_found; 409 case_closed; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.clear_enforcement_override(jsonb), public.clear_enforcement_override(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.clear_enforcement_override(jsonb), public.clear_enforcement_override(jsonb)
to authenticated, service_role;
