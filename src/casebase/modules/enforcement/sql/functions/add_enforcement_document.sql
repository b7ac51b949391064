-- requires: functions/document_json.sql
-- Definer: members read these tables and write them through functions alone. Called after the file is in the store, so
-- that no row is without its file whatever dies when; a file without a row is swept (find_orphan_enforcement_documents).
-- For the service alone: a person who could write rows could name the digest of a file that somebody else is about to upload,
-- and that upload would be taken for a repeat. The service asks plan_enforcement_document as the person first.
-- Closed cases take documents too: the satisfaction of a judgment is filed after it.
create or replace function enforcement.add_enforcement_document(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_document public.enforcement_documents;
    v_actor text;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "doc_kind", "storage_path", "content_type", "size_bytes", "sha256"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "doc_kind": {"type": "string", "pattern": "^[a-z][a-z_]{0,39}$",
                         "description": "must be a snake_case word of at most 40 letters"},
            "title": {"type": "string", "minLength": 1, "maxLength": 200},
            "storage_path": {"type": "string", "maxLength": 200},
            "content_type": {"type": "string", "enum": ["application/pdf", "image/png", "image/jpeg"]},
            "size_bytes": {"type": "integer", "minimum": 1, "maximum": 1000000000},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "person_id": {"type": "string", "format": "uuid"},
            "actor": {"type": "string", "maxLength": 120}
        }
    }');
    v_case := enforcement.acting_case((payload ->> 'case_id')::uuid);
    if payload ->> 'storage_path' !~ format('^enforcement/%s/%s/[0-9a-f-]{36}$', v_case.tenant_id, v_case.id) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('storage_path', 'pattern', 'must be the one that plan_enforcement_document gave'))));
    end if;

    -- The case's row is locked, so of two uploads of one file the second finds the first's.
    select * into v_document from public.enforcement_documents d
    where d.enforcement_case_id = v_case.id and d.tenant_id = v_case.tenant_id
      and d.doc_kind = payload ->> 'doc_kind' and d.sha256 = payload ->> 'sha256';
    if found then
        return enforcement.document_json(v_document) || '{"is_repeat": true}';
    end if;
    perform enforcement.require_room_for_document(v_case, payload ->> 'storage_path');

    v_actor := coalesce('user:' || (payload ->> 'person_id')::uuid, enforcement.actor(payload ->> 'actor'));
    insert into public.enforcement_documents (
        tenant_id, enforcement_case_id, doc_kind, storage_path, uploaded_by, content_type, size_bytes, sha256, metadata)
    values (
        v_case.tenant_id, v_case.id, payload ->> 'doc_kind', payload ->> 'storage_path', v_actor,
        payload ->> 'content_type', (payload ->> 'size_bytes')::numeric::int, payload ->> 'sha256',
        jsonb_strip_nulls(jsonb_build_object('title', enforcement.clean_text(v_case.judgment_id, payload ->> 'title'))))
    returning * into v_document;
    perform enforcement.add_history(
        v_case, 'document_added',
        jsonb_build_object('document', jsonb_build_object('from', null, 'to', v_document.doc_kind)), null, v_actor,
        case when payload ->> 'person_id' is null then enforcement.actor_type() else 'user' end),
        casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    return enforcement.document_json(v_document) || '{"is_repeat": false}';
end
$$;

create or replace function public.add_enforcement_document(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.add_enforcement_document(payload)
$$;

comment on function public.add_enforcement_document(jsonb) is
    'Record a file that is in the store: {case_id, doc_kind, title?, storage_path, content_type, size_bytes, sha256, '
    'person_id? (whose upload it is), actor?}. For the service alone, once plan_enforcement_document let the person. Returns the document, whose storage_path an event names as document_path; is_repeat says that '
    'the case had the same file already. 404 case_not_found; 409 too_many_documents; 422 invalid_input.';

revoke execute on function enforcement.add_enforcement_document(jsonb), public.add_enforcement_document(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.add_enforcement_document(jsonb), public.add_enforcement_document(jsonb)
to service_role;
