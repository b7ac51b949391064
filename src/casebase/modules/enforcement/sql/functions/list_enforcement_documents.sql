-- requires: functions/document_json.sql
-- Invoker: row level security decides which case is found.
create or replace function enforcement.list_enforcement_documents(case_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
begin
    select * into v_case from public.enforcement_cases c where c.id = list_enforcement_documents.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(enforcement.document_json(d) order by d.uploaded_at desc, d.id), '[]')
        from public.enforcement_documents d
        where d.enforcement_case_id = v_case.id and d.tenant_id = v_case.tenant_id));
end
$$;

create or replace function public.list_enforcement_documents(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_enforcement_documents(case_id)
$$;

comment on function public.list_enforcement_documents(uuid) is
    'The documents of a case, newest first, for its tenant''s members: {items}. 404 case_not_found.';

revoke execute on function enforcement.list_enforcement_documents(uuid), public.list_enforcement_documents(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.list_enforcement_documents(uuid), public.list_enforcement_documents(uuid)
to authenticated, service_role;
