create or replace function enforcement.attach_document(
    case_row public.enforcement_cases,
    event_id uuid,
    doc_kind text,
    document_path text,
    actor text
) returns void
    language sql
    set search_path = ''
as $$
    insert into public.enforcement_documents as d (
        tenant_id, enforcement_case_id, event_id, doc_kind, storage_path, uploaded_by)
    values (case_row.tenant_id, case_row.id, event_id, doc_kind, document_path, actor)
    on conflict on constraint one_document_a_path_of_a_case
    do update set event_id = excluded.event_id where d.event_id is null
$$;

comment on function enforcement.attach_document(public.enforcement_cases, uuid, text, text, text) is
    'Tie the document at a path to the event it proves; one that is not known yet becomes known. The first event stays.';

revoke execute on function enforcement.attach_document(public.enforcement_cases, uuid, text, text, text) from public;
