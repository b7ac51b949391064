create or replace function mortgage.document_json(document public.scenario_documents) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'document_id', document.id,
        'case_id', document.case_id,
        'doc_type', document.doc_type,
        'content_type', document.content_type,
        'size_bytes', document.size_bytes,
        'page_count', document.page_count,
        'sha256', document.sha256,
        'is_masked', document.is_masked,
        'uploaded_by', document.uploaded_by,
        'expires_at', document.expires_at,
        'created_at', document.created_at)
$$;

comment on function mortgage.document_json(public.scenario_documents) is
    'A document as clients see it: everything but where the store has it.';

revoke execute on function mortgage.document_json(public.scenario_documents) from public;
grant execute on function mortgage.document_json(public.scenario_documents) to authenticated, service_role;
