-- The caller holds the case's lock.
create or replace function enforcement.require_room_for_document(
    case_row public.enforcement_cases,
    storage_path text
) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if not exists (
        select from public.enforcement_documents d
        where d.enforcement_case_id = case_row.id and d.tenant_id = case_row.tenant_id
          and d.storage_path = require_room_for_document.storage_path
    ) and (
        select count(*) from public.enforcement_documents d
        where d.enforcement_case_id = case_row.id and d.tenant_id = case_row.tenant_id
    ) >= 500 then
        perform casebase.fail(409, 'too_many_documents', '{"limit": 500}');
    end if;
end
$$;

comment on function enforcement.require_room_for_document(public.enforcement_cases, text) is
    'Refuse a case''s 501st document, wherever it is kept; one that is known has its place: 409 too_many_documents.';

revoke execute on function enforcement.require_room_for_document(public.enforcement_cases, text) from public;
