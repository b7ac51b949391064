create or replace function mortgage.require_room_for_document(case_row public.scenario_cases) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if case_row.consent_until <= casebase.now() then
        perform casebase.fail(409, 'consent_ended', '{}', 'Without consent nothing of the borrower is taken in.');
    end if;
    if (select count(*) from public.scenario_documents d
        where d.case_id = case_row.id and d.tenant_id = case_row.tenant_id) >= 100 then
        perform casebase.fail(409, 'too_many_documents', '{"limit": 100}', 'Remove one that is no longer needed.');
    end if;
end
$$;

comment on function mortgage.require_room_for_document(public.scenario_cases) is
    'Refuse a further document of a case: 409 consent_ended, 409 too_many_documents.';

revoke execute on function mortgage.require_room_for_document(public.scenario_cases) from public;
