-- requires: functions/document_json.sql
-- Definer: members may not write history, and who looked at evidence is kept.
create or replace function enforcement.open_enforcement_document(document_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_document public.enforcement_documents;
begin
    select d.* into v_document from public.enforcement_documents d
    where d.id = open_enforcement_document.document_id
      and (casebase.calling_role() = 'service_role' or d.tenant_id = any (casebase.member_tenants()));
    if not found then
        perform casebase.fail(404, 'document_not_found', '{"field": "document_id"}');
    end if;
    perform enforcement.add_history(
        c, 'document_opened',
        jsonb_build_object('document', jsonb_build_object('from', null, 'to', v_document.doc_kind)), null,
        enforcement.actor(), enforcement.actor_type())
    from public.enforcement_cases c
    where c.id = v_document.enforcement_case_id and c.tenant_id = v_document.tenant_id;
    return enforcement.document_json(v_document);
end
$$;

create or replace function public.open_enforcement_document(document_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.open_enforcement_document(document_id)
$$;

comment on function public.open_enforcement_document(uuid) is
    'A document, to be read, for its tenant''s members; who opened it is kept in the case''s '
    'history. 404 document_not_found.';

revoke execute on function enforcement.open_enforcement_document(uuid), public.open_enforcement_document(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.open_enforcement_document(uuid), public.open_enforcement_document(uuid)
to authenticated, service_role;
