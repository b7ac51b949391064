-- requires: functions/document_json.sql
-- Invoker: row level security decides which case is found.
create or replace function mortgage.list_scenario_documents(case_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
begin
    select * into v_case from public.scenario_cases c where c.id = list_scenario_documents.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(mortgage.document_json(d) order by d.created_at desc, d.id), '[]')
        from public.scenario_documents d
        where d.case_id = v_case.id and d.tenant_id = v_case.tenant_id and d.expires_at > casebase.now()));
end
$$;

create or replace function public.list_scenario_documents(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_scenario_documents(case_id)
$$;

comment on function public.list_scenario_documents(uuid) is
    'The documents of a case, newest first: {items}. 404 case_not_found, also for another tenant''s.';

revoke execute on function mortgage.list_scenario_documents(uuid), public.list_scenario_documents(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.list_scenario_documents(uuid), public.list_scenario_documents(uuid)
    to authenticated, service_role;
