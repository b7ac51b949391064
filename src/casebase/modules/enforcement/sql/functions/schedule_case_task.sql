-- The plaintiff's lock comes before their tasks', as where calls are logged.
create or replace function enforcement.schedule_case_task(
    case_row public.enforcement_cases,
    kind text,
    title text,
    due_at timestamptz,
    metadata jsonb,
    actor text
) returns uuid
    language plpgsql
    set search_path = ''
as $$
declare
    v_task_id uuid;
begin
    perform from public.plaintiffs p where p.id = case_row.plaintiff_id and p.tenant_id = case_row.tenant_id for no key update;
    update public.plaintiff_tasks t
    set title = schedule_case_task.title, due_at = schedule_case_task.due_at, metadata = t.metadata || schedule_case_task.metadata
    where t.enforcement_case_id = case_row.id and t.tenant_id = case_row.tenant_id
      and t.kind = schedule_case_task.kind and t.status = 'open'
    returning t.id into v_task_id;
    if not found then
        insert into public.plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, due_at, metadata, created_by)
        values (case_row.tenant_id, case_row.plaintiff_id, case_row.id, kind, title, due_at, metadata, actor)
        returning id into v_task_id;
    end if;
    return v_task_id;
end
$$;

comment on function enforcement.schedule_case_task(public.enforcement_cases, text, text, timestamptz, jsonb, text) is
    'Have a case''s task of a kind done by due_at: the one that is open is moved, else one is made. Returns its id.';

revoke execute on function enforcement.schedule_case_task(public.enforcement_cases, text, text, timestamptz, jsonb, text)
from public;
