-- The plaintiff's lock comes before their tasks', as where calls are logged. A call has an outcome that counts for the
-- frequency rule, so nothing but log_call_outcome ends one.
create or replace function enforcement.finish_case_task(case_row public.enforcement_cases, task_id uuid, field text, actor text)
    returns void
    language plpgsql
    set search_path = ''
as $$
declare
    v_task public.plaintiff_tasks;
begin
    perform from public.plaintiffs p where p.id = case_row.plaintiff_id and p.tenant_id = case_row.tenant_id for no key update;
    select * into v_task from public.plaintiff_tasks t
    where t.id = task_id and t.tenant_id = case_row.tenant_id and t.plaintiff_id = case_row.plaintiff_id
      and coalesce(t.enforcement_case_id, case_row.id) = case_row.id;
    if not found then
        perform casebase.fail(404, 'task_not_found', jsonb_build_object('field', field));
    elsif v_task.status <> 'open' then
        perform casebase.fail(409, 'task_closed', jsonb_build_object('field', field));
    elsif v_task.kind = 'call' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'rpc', 'is a call: log_call_outcome ends it'))));
    end if;
    update public.plaintiff_tasks t set status = 'done', closed_at = casebase.now(), closed_by = actor where t.id = v_task.id;
end
$$;

comment on function enforcement.finish_case_task(public.enforcement_cases, uuid, text, text) is
    'End an open task of a case or its plaintiff: 404 task_not_found, 409 task_closed, 422 for a call.';

revoke execute on function enforcement.finish_case_task(public.enforcement_cases, uuid, text, text) from public;
