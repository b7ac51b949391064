-- Definer: telephone numbers and calls are the service's alone; an operator sees those of the call at hand, and every look
-- is kept, since a call need not be about a case.
create or replace function enforcement.open_call_task(task_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_task public.plaintiff_tasks;
    v_plaintiff public.plaintiffs;
    v_case public.enforcement_cases;
    v_settings enforcement.settings;
    v_next record;
begin
    select t.* into v_task from public.plaintiff_tasks t where t.id = open_call_task.task_id and t.kind = 'call';
    perform enforcement.require_operator(v_task.tenant_id, 'task_not_found', 'task_id');
    if v_task.id is null then
        perform casebase.fail(404, 'task_not_found', '{"field": "task_id"}');
    elsif v_task.status <> 'open' then
        perform casebase.fail(409, 'task_closed', '{"field": "task_id"}', 'Its outcome is logged, or it was cancelled.');
    end if;
    select p.* into strict v_plaintiff from public.plaintiffs p
    where p.id = v_task.plaintiff_id and p.tenant_id = v_task.tenant_id;
    v_settings := enforcement.settings_of(v_task.tenant_id);
    v_next := enforcement.next_call(
        v_plaintiff, casebase.now(), coalesce((v_task.metadata ->> 'is_asked_for')::boolean, false), v_task.id);

    insert into enforcement.contact_views (tenant_id, plaintiff_id, task_id, viewed_by)
    values (v_task.tenant_id, v_plaintiff.id, v_task.id, enforcement.actor());
    select c.* into v_case from public.enforcement_cases c
    where c.id = v_task.enforcement_case_id and c.tenant_id = v_task.tenant_id;
    if found then
        perform enforcement.add_history(
            v_case, 'contact_viewed', '{}', null, enforcement.actor(), enforcement.actor_type());
    end if;
    perform set_config('casebase.keep_reply', 'off', true);
    return jsonb_build_object(
        'task', jsonb_build_object('task_id', v_task.id, 'title', v_task.title, 'due_at', v_task.due_at,
                                   'created_by', v_task.created_by),
        'plaintiff', jsonb_build_object('plaintiff_id', v_plaintiff.id, 'name', v_plaintiff.name, 'status', v_plaintiff.status),
        'case', case when v_case.id is not null then jsonb_build_object(
            'case_id', v_case.id, 'reference', v_case.reference, 'tier', v_case.tier, 'stage', v_case.current_stage,
            'current_balance', v_case.current_balance) end,
        'numbers', (
            select coalesce(jsonb_agg(jsonb_build_object('value', k.value, 'label', k.label, 'confidence', k.confidence)
                                      order by k.confidence desc nulls last, k.last_seen_at desc, k.id), '[]')
            from enrichment.contacts k
            where k.plaintiff_id = v_plaintiff.id and k.tenant_id = v_plaintiff.tenant_id and k.kind = 'phone'
              and not k.is_do_not_contact),
        'attempts', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'called_at', a.called_at, 'outcome', a.outcome, 'label', o.label, 'interest', a.interest, 'notes', a.notes,
                'called_by', a.called_by) order by a.called_at desc, a.id), '[]')
            from (
                select * from public.plaintiff_call_attempts a
                where a.plaintiff_id = v_plaintiff.id and a.tenant_id = v_plaintiff.tenant_id
                order by a.called_at desc limit 20
            ) a
            join enforcement.call_outcomes o on o.outcome = a.outcome),
        'outcomes', (
            select jsonb_agg(jsonb_build_object(
                'outcome', o.outcome, 'label', o.label, 'is_terminal', o.is_terminal, 'is_conversation', o.is_conversation,
                'is_consent', o.is_consent, 'position', o.position) order by o.position)
            from enforcement.call_outcomes o),
        'calls_in_window', v_next.calls_in_window,
        'calls_per_window', v_settings.calls_per_window,
        'call_window_days', v_settings.call_window_days,
        'quiet_days_after_conversation', v_settings.quiet_days_after_conversation,
        'is_call_rule_enabled', v_settings.is_call_rule_enabled,
        'time_zone', v_settings.time_zone,
        'rule', v_next.rule,
        'next_call_allowed_at', v_next.allowed_at);
end
$$;

create or replace function public.open_call_task(task_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.open_call_task(task_id)
$$;

comment on function public.open_call_task(uuid) is
    'All that a caller needs for an open call: {task, plaintiff, case, numbers, attempts (the latest twenty), outcomes, '
    'calls_in_window, calls_per_window, call_window_days, quiet_days_after_conversation, is_call_rule_enabled, time_zone, '
    'rule (what stands against calling now), next_call_allowed_at}. Numbers that may not be called are left out. Who '
    'looked is kept in enforcement.contact_views, and in the history of the call''s case, if it has one. 404 task_not_found; '
    '409 task_closed; 403 operator_required.';

revoke execute on function enforcement.open_call_task(uuid), public.open_call_task(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.open_call_task(uuid), public.open_call_task(uuid) to authenticated, service_role;
