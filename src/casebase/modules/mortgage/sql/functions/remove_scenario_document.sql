-- Definer: staff may not delete documents and write events. The row goes first; if the caller dies before the file
-- goes too, the file is swept.
create or replace function mortgage.remove_scenario_document(document_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_document public.scenario_documents;
begin
    delete from public.scenario_documents d
    where d.id = remove_scenario_document.document_id
      and (casebase.calling_role() = 'service_role' or d.tenant_id = any (mortgage.staff_tenants()))
    returning d.* into v_document;
    if not found then
        perform casebase.fail(404, 'document_not_found', '{"field": "document_id"}');
    end if;
    insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
    values (v_document.tenant_id, v_document.case_id, 'admin_edit', jsonb_build_object(
        'actor', mortgage.actor(),
        'changes', jsonb_build_object('document', jsonb_build_array(v_document.doc_type, null))));
    perform casebase.notify_live(v_document.tenant_id, 'mortgage.case', v_document.case_id);
    return jsonb_build_object('document_id', v_document.id, 'storage_path', v_document.storage_path);
end
$$;

create or replace function public.remove_scenario_document(document_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.remove_scenario_document(document_id)
$$;

comment on function public.remove_scenario_document(uuid) is
    'Forget a document, logged as admin_edit; returns {document_id, storage_path}, whose file the caller deletes. 404 document_not_found.';

revoke execute on function mortgage.remove_scenario_document(uuid), public.remove_scenario_document(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.remove_scenario_document(uuid), public.remove_scenario_document(uuid)
    to authenticated, service_role;
