-- Invoker: row level security decides which case is found.
create or replace function enforcement.get_enforcement_case(case_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_judgment public.judgments;
    v_is_operator boolean;
begin
    select * into v_case from public.enforcement_cases c where c.id = get_enforcement_case.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    select * into strict v_judgment from public.judgments j where j.id = v_case.judgment_id and j.tenant_id = v_case.tenant_id;
    v_is_operator := casebase.calling_role() = 'service_role' or v_case.tenant_id = any (enforcement.operator_tenants());

    return jsonb_build_object(
        'may_act', v_is_operator,
        'case', to_jsonb(v_case) - array['id', 'breach_alerted_for'] || jsonb_build_object(
            'case_id', v_case.id,
            'days_in_stage', case when v_case.closed_at is null
                then extract(day from casebase.now() - v_case.stage_entered_at)::int end,
            'is_breached', coalesce(v_case.next_action_at < casebase.now(), false)),
        'judgment', to_jsonb(v_judgment) - array['id', 'tenant_id', 'plaintiff_id', 'defendant_entity_id']
            || jsonb_build_object('judgment_id', v_judgment.id),
        'docket', (
            select to_jsonb(d) - array['id', 'tenant_id', 'judgment_id', 'priority_level', 'judgment_amount']
                || jsonb_build_object('docket_id', d.id)
            from judgments.cases d where d.judgment_id = v_case.judgment_id and d.tenant_id = v_case.tenant_id),
        'plaintiff', (
            select jsonb_build_object('plaintiff_id', p.id, 'name', p.name, 'status', p.status)
            from public.plaintiffs p where p.id = v_case.plaintiff_id and p.tenant_id = v_case.tenant_id),
        'stages', (
            select jsonb_agg(jsonb_build_object(
                'stage', s.stage, 'ordinal', s.ordinal, 'description', s.description, 'sla_days', s.sla_days,
                'entered_at', h.entered_at) order by s.ordinal)
            from public.enforcement_stage_lookup s
            left join (
                select n.delta #>> '{current_stage,to}' as stage, max(n.created_at) as entered_at
                from public.enforcement_history n
                where n.enforcement_case_id = v_case.id and n.tenant_id = v_case.tenant_id
                group by 1
            ) h on h.stage = s.stage),
        'actions', (
            select coalesce(jsonb_agg(to_jsonb(a) - array['id', 'tenant_id', 'enforcement_case_id']
                || jsonb_build_object('action_id', a.id) order by a.closed_at is not null, a.opened_at desc, a.id), '[]')
            from (
                select * from public.enforcement_actions n
                where n.enforcement_case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.closed_at is not null, n.opened_at desc, n.id limit 100
            ) a),
        'documents', (
            select coalesce(jsonb_agg(to_jsonb(d) - array['id', 'tenant_id', 'enforcement_case_id', 'storage_path']
                || jsonb_build_object('document_id', d.id) order by d.uploaded_at desc, d.id), '[]')
            from (
                select * from public.enforcement_documents n
                where n.enforcement_case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.uploaded_at desc, n.id limit 200
            ) d),
        'payments', (
            select coalesce(jsonb_agg(to_jsonb(p) - array['id', 'tenant_id', 'enforcement_case_id', 'judgment_id']
                || jsonb_build_object('payment_id', p.id) order by p.received_at desc, p.created_at desc, p.id), '[]')
            from (
                select * from public.enforcement_payments n
                where n.enforcement_case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.received_at desc limit 200
            ) p),
        'tasks', (
            select coalesce(jsonb_agg(to_jsonb(t) - array['id', 'tenant_id', 'enforcement_case_id']
                || jsonb_build_object('task_id', t.id) order by t.status, t.due_at, t.id), '[]')
            from (
                select * from public.plaintiff_tasks n
                where n.enforcement_case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.status, n.due_at, n.id limit 100
            ) t),
        'copilot', case when v_is_operator then enforcement.latest_copilot(v_case.id) end);
end
$$;

create or replace function public.get_enforcement_case(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.get_enforcement_case(case_id)
$$;

comment on function public.get_enforcement_case(uuid) is
    'One case: {may_act, case, judgment, docket, plaintiff, stages (all, with entered_at where the case has been), actions, '
    'documents, payments, tasks, copilot (the latest note; operators only)}. Members too, with may_act false. The latest 200 '
    'payments and documents, 100 actions and tasks. 404 case_not_found, also for another tenant''s.';

revoke execute on function enforcement.get_enforcement_case(uuid), public.get_enforcement_case(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.get_enforcement_case(uuid), public.get_enforcement_case(uuid)
to authenticated, service_role;
