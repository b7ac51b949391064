-- Definer: members read these tables and write them through functions alone.
-- The judgment's lock puts those who would open its case in line: all but the first find the case that is there. The
-- unique index one_open_case_a_judgment is what holds, whoever writes.
create or replace function enforcement.open_enforcement_case(payload jsonb) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_judgment public.judgments;
    v_case public.enforcement_cases;
    v_score numeric;
    v_actor text;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["judgment_id"]'::jsonb,
        'properties', '{
            "judgment_id": {"type": "string", "format": "uuid"},
            "plaintiff_id": {"type": "string", "format": "uuid"},
            "collectability_score": {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01},
            "created_by": {"type": "string", "maxLength": 120},
            "notes": {"type": "string", "maxLength": 4000}
        }'::jsonb || jsonb_build_object('tier', jsonb_build_object('type', 'string', 'enum',
            (select jsonb_agg(t.tier order by t.tier) from public.enforcement_tier_lookup t)))));

    perform enforcement.require_operator(
        (select j.tenant_id from public.judgments j where j.id = (payload ->> 'judgment_id')::uuid),
        'judgment_not_found', 'judgment_id');
    select * into v_judgment from public.judgments j where j.id = (payload ->> 'judgment_id')::uuid for no key update;
    if not found then
        perform casebase.fail(404, 'judgment_not_found', '{"field": "judgment_id"}');
    end if;
    if v_judgment.plaintiff_id <> coalesce((payload ->> 'plaintiff_id')::uuid, v_judgment.plaintiff_id) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('plaintiff_id', 'judgment', 'must be the plaintiff of the judgment'))));
    end if;
    if exists (
        select from public.enforcement_cases c
        where c.judgment_id = v_judgment.id and c.tenant_id = v_judgment.tenant_id and c.closed_at is null
    ) then
        perform casebase.fail(409, 'case_already_open', '{"field": "judgment_id"}', 'Work on the case that is open, or close it.');
    end if;

    if v_judgment.balance_due = 0 then
        perform casebase.fail(409, 'nothing_due', '{"field": "judgment_id"}', 'All of the judgment is paid.');
    end if;

    v_actor := enforcement.actor(payload ->> 'created_by');
    -- Locked, so that a score that is being written reaches the case: it is read here, or its writer finds the case.
    select c.collectability_score into v_score from judgments.cases c
    where c.judgment_id = v_judgment.id and c.tenant_id = v_judgment.tenant_id for no key update;
    v_score := coalesce((payload ->> 'collectability_score')::numeric, v_score);

    insert into public.enforcement_cases (
        tenant_id, judgment_id, plaintiff_id, next_action_at, tier, tier_reason, collectability_score, opening_balance,
        current_balance, notes, created_by, asset_flags)
    values (
        v_judgment.tenant_id, v_judgment.id, v_judgment.plaintiff_id,
        enforcement.due_after('pre_enforcement', casebase.now()),
        coalesce(payload ->> 'tier', enforcement.tier_of(v_score)),
        case when payload ->> 'tier' is not null then 'opened' when v_score is null then 'no score' else 'score' end,
        v_score, v_judgment.balance_due, v_judgment.balance_due,
        enforcement.clean_text(v_judgment.id, payload ->> 'notes'), v_actor,
        enforcement.asset_flags_of(v_judgment.id))
    returning * into v_case;

    perform enforcement.add_history(
        v_case, 'opened',
        jsonb_build_object(
            'current_stage', jsonb_build_object('from', null, 'to', v_case.current_stage),
            'tier', jsonb_build_object('from', null, 'to', v_case.tier),
            'current_balance', jsonb_build_object('from', null, 'to', v_case.current_balance)),
        payload ->> 'notes', v_actor, 'rpc');
    perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    return v_case.id;
end
$$;

create or replace function public.open_enforcement_case(payload jsonb) returns uuid
    language sql
    set search_path = ''
as $$
    select enforcement.open_enforcement_case(payload)
$$;

comment on function public.open_enforcement_case(jsonb) is
    'Open the enforcement of a judgment: {judgment_id, plaintiff_id?, tier?, collectability_score?, created_by?, notes?}. '
    'Returns the case''s id. 404 judgment_not_found; 409 case_already_open, nothing_due; 403 operator_required; '
    '422 invalid_input.';

revoke execute on function enforcement.open_enforcement_case(jsonb), public.open_enforcement_case(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.open_enforcement_case(jsonb), public.open_enforcement_case(jsonb)
to authenticated, service_role;
