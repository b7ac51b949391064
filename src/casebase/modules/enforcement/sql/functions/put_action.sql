-- The caller holds the case's lock, so of two the second finds what the first opened; the unique index
-- one_open_action_of_a_type is what holds, whoever writes.
create or replace function enforcement.put_action(
    case_row public.enforcement_cases,
    action_type text,
    status text,
    status_reason text,
    metadata jsonb,
    actor text,
    actor_type public.enforcement_actor_type
) returns public.enforcement_actions
    language plpgsql
    set search_path = ''
as $$
declare
    v_is_last boolean := status in ('completed', 'cancelled');
    v_metadata jsonb := enforcement.clean_json(case_row.judgment_id, metadata);
    -- A mask can be longer than what it hides.
    v_reason text := left(enforcement.clean_text(case_row.judgment_id, status_reason), 2000);
    v_merged jsonb;
    v_changed text[];
    v_before public.enforcement_actions;
    v_after public.enforcement_actions;
    v_delta jsonb := '{}'::jsonb;
begin
    select * into v_before from public.enforcement_actions a
    where a.enforcement_case_id = case_row.id and a.tenant_id = case_row.tenant_id
      and a.action_type = put_action.action_type and a.closed_at is null;
    v_merged := coalesce(v_before.metadata, '{}') || v_metadata;
    -- What the RPCs write themselves always has room: a full subpoena can still be answered.
    if octet_length((v_merged - array['recipient', 'issued_at', 'response_due_at', 'received_at', 'outcome'])::text) > 16384 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('metadata', 'maxBytes', 'must not exceed 16384 bytes together with what the action has'))));
    end if;

    if v_before.id is not null then
        update public.enforcement_actions a
        set status = put_action.status,
            status_reason = case when v_reason is null and a.status = put_action.status then a.status_reason else v_reason end,
            metadata = v_merged,
            updated_by = actor,
            closed_at = case when v_is_last then casebase.now() end
        where a.id = v_before.id
        returning a.* into v_after;
    elsif v_is_last then
        perform casebase.fail(409, 'action_not_open', '{"field": "action_type"}', 'Only an action that is open can end.');
    else
        insert into public.enforcement_actions (
            tenant_id, enforcement_case_id, action_type, status, status_reason, metadata, created_by)
        values (case_row.tenant_id, case_row.id, action_type, status, v_reason, v_metadata, actor)
        returning * into v_after;
    end if;

    if v_after.status is distinct from v_before.status then
        v_delta := jsonb_build_object(action_type, jsonb_build_object('from', v_before.status, 'to', v_after.status));
    end if;
    -- Only what changed, or the history would hold all of it again with every change.
    v_changed := array(select m.key from jsonb_each(v_metadata) m where v_before.metadata -> m.key is distinct from m.value);
    if cardinality(v_changed) > 0 then
        v_delta := v_delta || (
            select jsonb_build_object(action_type || '_metadata', jsonb_build_object(
                'from', case when v_before.id is not null then
                            coalesce(jsonb_object_agg(k, v_before.metadata -> k) filter (where v_before.metadata ? k), '{}') end,
                'to', jsonb_object_agg(k, v_metadata -> k)))
            from unnest(v_changed) k);
    end if;
    if v_delta <> '{}' or v_after.status_reason is distinct from v_before.status_reason then
        perform enforcement.add_history(
            case_row,
            case when v_before.id is null then 'action_opened' when v_is_last then 'action_closed' else 'action_changed' end,
            v_delta, v_reason, actor, actor_type),
            casebase.notify_live(case_row.tenant_id, 'enforcement.case', case_row.id);
    end if;
    return v_after;
end
$$;

comment on function enforcement.put_action(
    public.enforcement_cases, text, text, text, jsonb, text, public.enforcement_actor_type) is
    'Bring the open action of a type to a status, opening it where none is, with its history; metadata is merged, up to 16 KB: '
    '422 metadata. '
    'completed and cancelled end it: 409 action_not_open where none is.';

revoke execute on function enforcement.put_action(
    public.enforcement_cases, text, text, text, jsonb, text, public.enforcement_actor_type)
from public;
