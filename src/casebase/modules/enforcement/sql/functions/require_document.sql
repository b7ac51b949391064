-- Files of our own store are known by their rows, so that nothing can point at a file that is another case's or not there.
create or replace function enforcement.require_document(
    case_row public.enforcement_cases,
    event_kind public.enforcement_event_kind,
    document_path text
) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    -- Whoever guesses a name learns no more than whoever mistypes.
    v_no_key constant jsonb := casebase.validation_error(
        'document_path', 'pattern', 'must be a storage key that tells of nobody: words parted by single slashes');
    v_error jsonb;
begin
    if document_path is null then
        if (select k.needs_document from enforcement.event_kinds k where k.event_kind = require_document.event_kind) then
            v_error := casebase.validation_error('document_path', 'required', 'is missing: this kind of event is proved by a document');
        end if;
    elsif length(document_path) not between 1 and 400 or document_path ~ '(^/|//|(^|/)\.\.?(/|$)|[[:cntrl:]\\])' then
        v_error := v_no_key;
    elsif starts_with(document_path, 'enforcement/') then
        if not exists (
            select from public.enforcement_documents d
            where d.enforcement_case_id = case_row.id and d.tenant_id = case_row.tenant_id
              and d.storage_path = require_document.document_path
        ) then
            v_error := casebase.validation_error('document_path', 'document', 'must be a document of the case');
        end if;
    end if;
    if v_error is null and document_path is not null then
        perform enforcement.require_room_for_document(case_row, document_path);
        -- After all that refuses a path whatever it says: who guesses the debtor's name shall have to leave a trace.
        if not starts_with(document_path, 'enforcement/')
           and not enforcement.is_impersonal(document_path, enforcement.subject_of(case_row.judgment_id)) then
            v_error := v_no_key;
        end if;
    end if;
    if v_error is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(v_error)));
    end if;
end
$$;

comment on function enforcement.require_document(public.enforcement_cases, public.enforcement_event_kind, text) is
    'Refuse an event without the document its kind needs, or with a path that is no key, tells of somebody or is no '
    'document of the case: 422 document_path; 409 too_many_documents.';

revoke execute on function enforcement.require_document(public.enforcement_cases, public.enforcement_event_kind, text)
from public;
