-- requires: functions/document_json.sql
-- Definer: staff may not write documents and events. Called after the file is in the store, so that no row is without
-- its file whatever dies when; a file without a row is swept (find_orphan_documents).
create or replace function mortgage.add_scenario_document(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_document public.scenario_documents;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "doc_type", "storage_path", "content_type", "size_bytes", "sha256", "page_count",
                     "is_masked"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "doc_type": {"type": "string", "enum": ["bank_quote", "letter_of_offer", "loan_statement", "income_proof", "identity",
                         "property", "other"]},
            "storage_path": {"type": "string", "maxLength": 200,
                             "pattern": "^mortgage/[0-9a-f-]{36}/[0-9a-f-]{36}/[0-9a-f-]{36}$",
                             "description": "must be the one that plan_scenario_document gave"},
            "content_type": {"type": "string", "enum": ["application/pdf", "image/jpeg", "image/png", "image/webp"]},
            "size_bytes": {"type": "integer", "minimum": 1, "maximum": 1000000000},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "page_count": {"type": "integer", "minimum": 1, "maximum": 1000},
            "is_masked": {"type": "boolean"}
        }
    }');
    v_case := mortgage.acting_case((payload ->> 'case_id')::uuid);
    if not starts_with(payload ->> 'storage_path', format('mortgage/%s/%s/', v_case.tenant_id, v_case.id)) then
        perform casebase.fail(422, 'invalid_input', '{"errors": [{"field": "storage_path", "rule": "pattern",
            "message": "must be the one that plan_scenario_document gave"}]}');
    end if;
    if payload ->> 'doc_type' = 'bank_quote'
       and not ((payload ->> 'is_masked')::boolean and payload ->> 'content_type' = 'application/pdf') then
        perform casebase.fail(422, 'bank_quote_not_masked', '{"field": "is_masked"}',
            'A bank quote is kept as a masked PDF only.');
    end if;

    -- The case's row is locked, so of two uploads of one file the second finds the first's.
    select * into v_document from public.scenario_documents d
    where d.case_id = v_case.id and d.tenant_id = v_case.tenant_id
      and d.doc_type = payload ->> 'doc_type' and d.sha256 = payload ->> 'sha256';
    if found then
        return mortgage.document_json(v_document) || '{"is_repeat": true}';
    end if;
    perform mortgage.require_room_for_document(v_case);

    insert into public.scenario_documents (
        tenant_id, case_id, doc_type, storage_path, is_masked, expires_at, content_type, size_bytes, sha256,
        page_count, uploaded_by)
    values (
        v_case.tenant_id, v_case.id, payload ->> 'doc_type', payload ->> 'storage_path',
        (payload ->> 'is_masked')::boolean, v_case.consent_until, payload ->> 'content_type',
        (payload ->> 'size_bytes')::numeric::int, payload ->> 'sha256', (payload ->> 'page_count')::numeric::int,
        mortgage.actor())
    returning * into v_document;

    if v_case.status = 'draft' then
        update public.scenario_cases c set status = 'active' where c.id = v_case.id;
    end if;
    insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
    values (v_case.tenant_id, v_case.id, 'doc_received', jsonb_strip_nulls(jsonb_build_object(
        'actor', mortgage.actor(),
        'document_id', v_document.id,
        'doc_type', v_document.doc_type,
        'content_type', v_document.content_type,
        'page_count', v_document.page_count,
        'is_masked', v_document.is_masked,
        'moved', case when v_case.status = 'draft' then '{"from": "draft", "to": "active"}'::jsonb end)));
    perform casebase.notify_live(v_case.tenant_id, 'mortgage.case', v_case.id);

    return mortgage.document_json(v_document) || '{"is_repeat": false}';
end
$$;

create or replace function public.add_scenario_document(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.add_scenario_document(payload)
$$;

comment on function public.add_scenario_document(jsonb) is
    'Record a file that is in the store: {case_id, doc_type, storage_path, content_type, size_bytes, sha256, page_count, '
    'is_masked}, with its event doc_received. Returns the document; is_repeat says that the case had the same file '
    'already. 404 case_not_found; 409 consent_ended, too_many_documents; 422 invalid_input, bank_quote_not_masked.';

revoke execute on function mortgage.add_scenario_document(jsonb), public.add_scenario_document(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.add_scenario_document(jsonb), public.add_scenario_document(jsonb)
    to authenticated, service_role;
