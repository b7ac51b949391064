create or replace function enforcement.document_json(document public.enforcement_documents) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'document_id', document.id,
        'case_id', document.enforcement_case_id,
        'event_id', document.event_id,
        'doc_kind', document.doc_kind,
        'title', document.metadata -> 'title',
        'storage_path', document.storage_path,
        'is_ours', starts_with(document.storage_path, 'enforcement/'),
        'content_type', document.content_type,
        'size_bytes', document.size_bytes,
        'sha256', document.sha256,
        'metadata', document.metadata,
        'uploaded_by', document.uploaded_by,
        'uploaded_at', document.uploaded_at)
$$;

comment on function enforcement.document_json(public.enforcement_documents) is
    'A document as its tenant''s members see it. is_ours: in the installation''s own file store.';

revoke execute on function enforcement.document_json(public.enforcement_documents) from public;
grant execute on function enforcement.document_json(public.enforcement_documents) to authenticated, service_role;
