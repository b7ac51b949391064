-- Definer: members read these tables and write them through functions alone; anonymous callers, where a tenant allows
-- them, have no rights of their own.
-- The case first, shared, so that it is not closed meanwhile; then the plaintiff, which puts calls to one person in line.
-- A call that was made is always taken down; a follow-up that may not be refuses all of it, so that nobody believes it is
-- planned.
create or replace function enforcement.log_call_outcome(
    plaintiff_id uuid,
    task_id uuid,
    outcome text,
    interest text,
    notes text,
    follow_up_at timestamptz
) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    v_given constant jsonb := jsonb_build_object(
        'outcome', log_call_outcome.outcome, 'interest', nullif(lower(btrim(log_call_outcome.interest)), ''),
        'notes', log_call_outcome.notes);
    v_tenant_id constant uuid := (select p.tenant_id from public.plaintiffs p where p.id = log_call_outcome.plaintiff_id);
    v_plaintiff public.plaintiffs;
    v_task public.plaintiff_tasks;
    v_case public.enforcement_cases;
    v_outcome enforcement.call_outcomes;
    v_attempt public.plaintiff_call_attempts;
    v_status text;
    v_follow_up_id uuid;
    v_cancelled_count int := 0;
    v_next record;
begin
    if casebase.calling_role() = 'anon' then
        perform enforcement.admit_anonymous(v_tenant_id, v_given);
    else
        perform enforcement.require_operator(v_tenant_id, 'plaintiff_not_found', 'plaintiff_id');
    end if;
    perform casebase.require_valid(v_given, '{
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": {"type": "string", "minLength": 1, "maxLength": 60},
            "interest": {"type": "string", "enum": ["hot", "warm", "cold", "none"]},
            "notes": {"type": "string", "maxLength": 4000}
        }
    }');
    v_outcome := enforcement.outcome_of(v_given ->> 'outcome', v_given ->> 'interest');
    if v_outcome.outcome is null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'outcome', 'enum', 'must be one of ' || (
                select string_agg(o.outcome, ', ' order by o.position) from enforcement.call_outcomes o)))));
    end if;
    if v_outcome.is_terminal and follow_up_at is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'follow_up_at', 'terminal', 'must be empty, since this outcome ends the calling'))));
    end if;

    select c.* into v_case
    from public.plaintiff_tasks t
    join public.enforcement_cases c on c.id = t.enforcement_case_id and c.tenant_id = t.tenant_id
    where t.id = log_call_outcome.task_id and t.plaintiff_id = log_call_outcome.plaintiff_id
    for share of c;
    select p.* into v_plaintiff from public.plaintiffs p where p.id = log_call_outcome.plaintiff_id for no key update;
    if not found then
        perform casebase.fail(404, 'plaintiff_not_found', '{"field": "plaintiff_id"}');
    end if;
    if log_call_outcome.task_id is not null then
        select t.* into v_task from public.plaintiff_tasks t
        where t.id = log_call_outcome.task_id and t.plaintiff_id = v_plaintiff.id and t.tenant_id = v_plaintiff.tenant_id
          and t.kind = 'call'
        for no key update;
        if not found then
            perform casebase.fail(404, 'task_not_found', '{"field": "task_id"}');
        elsif v_task.status <> 'open' then
            perform casebase.fail(409, 'task_closed', '{"field": "task_id"}', 'Its outcome is logged, or it was cancelled.');
        end if;
    end if;

    insert into public.plaintiff_call_attempts (
        tenant_id, plaintiff_id, task_id, outcome, is_conversation, interest, notes, follow_up_at, called_by)
    values (
        v_plaintiff.tenant_id, v_plaintiff.id, v_task.id, v_outcome.outcome, v_outcome.is_conversation,
        coalesce(v_given ->> 'interest', substring(v_outcome.outcome from '^reached_(hot|warm|cold)$')),
        left(enforcement.clean_notes(v_plaintiff, v_case.judgment_id, v_given ->> 'notes'), 4000),
        log_call_outcome.follow_up_at, enforcement.actor())
    returning * into v_attempt;

    update public.plaintiff_tasks t
    set status = 'done', closed_at = casebase.now(), closed_by = v_attempt.called_by,
        metadata = t.metadata || jsonb_build_object('outcome', v_outcome.outcome, 'attempt_id', v_attempt.id)
    where t.id = v_task.id;

    -- Who asked not to be called stays uncalled until they ask for a call themselves.
    v_status := case when v_plaintiff.status = 'do_not_call' and not v_outcome.is_consent then 'do_not_call'
                     else v_outcome.outcome end;
    update public.plaintiffs p set status = v_status where p.id = v_plaintiff.id and p.status <> v_status;
    insert into public.plaintiff_status_history (tenant_id, plaintiff_id, previous_status, status, reason, changed_by)
    values (v_plaintiff.tenant_id, v_plaintiff.id, v_plaintiff.status, v_status, 'call: ' || v_outcome.outcome,
            v_attempt.called_by);
    if (v_status = 'do_not_call') <> (v_plaintiff.status = 'do_not_call') then
        update enrichment.contacts k set is_do_not_contact = (v_status = 'do_not_call')
        where k.plaintiff_id = v_plaintiff.id and k.kind = 'phone';
    end if;
    v_plaintiff.status := v_status;

    if v_outcome.is_terminal then
        with open_calls as (
            select t.id from public.plaintiff_tasks t
            where t.plaintiff_id = v_plaintiff.id and t.tenant_id = v_plaintiff.tenant_id and t.kind = 'call'
              and t.status = 'open'
            order by t.id for no key update
        )
        update public.plaintiff_tasks t
        set status = 'cancelled', closed_at = casebase.now(), closed_by = v_attempt.called_by,
            metadata = t.metadata || jsonb_build_object('outcome', v_outcome.outcome)
        from open_calls k where t.id = k.id;
        get diagnostics v_cancelled_count = row_count;
    elsif follow_up_at is not null then
        v_follow_up_id := enforcement.add_call_task(
            v_plaintiff, log_call_outcome.follow_up_at, 'follow_up_at',
            case when v_case.closed_at is null then v_case.id end, null,
            jsonb_build_object('follows', v_attempt.id, 'is_asked_for', v_outcome.is_consent));
    end if;

    v_next := enforcement.next_call(v_plaintiff, casebase.now(), v_outcome.is_consent, v_follow_up_id);
    perform casebase.notify_live(v_plaintiff.tenant_id, 'enforcement.calls', v_plaintiff.id);
    if v_case.id is not null then
        perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    end if;
    return jsonb_build_object(
        'attempt_id', v_attempt.id,
        'outcome', v_outcome.outcome,
        'plaintiff_status', v_status,
        'task', case when v_task.id is not null then jsonb_build_object('task_id', v_task.id, 'status', 'done') end,
        'follow_up', case when v_follow_up_id is not null then
            jsonb_build_object('task_id', v_follow_up_id, 'due_at', log_call_outcome.follow_up_at) end,
        'cancelled_tasks', v_cancelled_count,
        'calls_in_window', v_next.calls_in_window,
        'next_call_allowed_at', case when v_status <> 'do_not_call' then v_next.allowed_at end);
end
$$;

create or replace function public.log_call_outcome(
    plaintiff_id uuid,
    task_id uuid default null,
    outcome text default null,
    interest text default null,
    notes text default null,
    follow_up_at timestamptz default null
) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.log_call_outcome(plaintiff_id, task_id, outcome, interest, notes, follow_up_at)
$$;

comment on function public.log_call_outcome(uuid, uuid, text, text, text, timestamptz) is
    'Take down a call to a plaintiff: close its task, set the plaintiff''s status, plan the next call. outcome is one of '
    'enforcement.call_outcomes or an alias, or "reached" with an interest (hot, warm, cold, none). bad_number and do_not_call '
    'cancel the plaintiff''s open calls and take no follow_up_at. Returns {attempt_id, outcome, plaintiff_status, task: '
    '{task_id, status}, follow_up: {task_id, due_at}, cancelled_tasks (how many), calls_in_window, next_call_allowed_at}. A '
    'follow-up that 12 CFR 1006.14(b)(2) forbids refuses the whole call: 409 call_frequency_exceeded {field, rule, '
    'earliest_at}. 409 do_not_call, task_closed; 404 plaintiff_not_found, task_not_found; 403 operator_required; 422 '
    'invalid_input. Without a token only where the tenant allows it: 403 anonymous_rpc_disabled, 413 payload_too_large, '
    '429 rate_limited.';

revoke execute on function
    enforcement.log_call_outcome(uuid, uuid, text, text, text, timestamptz),
    public.log_call_outcome(uuid, uuid, text, text, text, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.log_call_outcome(uuid, uuid, text, text, text, timestamptz),
    public.log_call_outcome(uuid, uuid, text, text, text, timestamptz)
to anon, authenticated, service_role;
