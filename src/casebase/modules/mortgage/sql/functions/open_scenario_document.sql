-- requires: functions/document_json.sql
-- Definer: staff may not write events, and looking at a document leaves one.
create or replace function mortgage.open_scenario_document(document_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_document public.scenario_documents;
begin
    -- From the moment that the consent ends, though its file may still be there for some minutes.
    select d.* into v_document
    from public.scenario_documents d
    where d.id = open_scenario_document.document_id and d.expires_at > casebase.now()
      and (casebase.calling_role() = 'service_role' or d.tenant_id = any (mortgage.staff_tenants()));
    if not found then
        perform casebase.fail(404, 'document_not_found', '{"field": "document_id"}');
    end if;
    insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
    values (v_document.tenant_id, v_document.case_id, 'admin_view', jsonb_build_object(
        'actor', mortgage.actor(), 'document_id', v_document.id, 'doc_type', v_document.doc_type));
    return mortgage.document_json(v_document) || jsonb_build_object('storage_path', v_document.storage_path);
end
$$;

create or replace function public.open_scenario_document(document_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.open_scenario_document(document_id)
$$;

comment on function public.open_scenario_document(uuid) is
    'A document with its storage_path, to be read; logged as admin_view. 404 document_not_found, also for another '
    'tenant''s and after the consent.';

revoke execute on function mortgage.open_scenario_document(uuid), public.open_scenario_document(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.open_scenario_document(uuid), public.open_scenario_document(uuid)
    to authenticated, service_role;
