-- Definer: casebase.masked_terms is nobody else's to read. The service's alone: the answer holds the contact.
create or replace function mortgage.get_document_masking(case_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_lead_id uuid;
begin
    select c.lead_id into v_lead_id from public.scenario_cases c where c.id = get_document_masking.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return jsonb_build_object(
        'subject', to_jsonb(mortgage.subject_of(v_lead_id)),
        'terms', (select coalesce(jsonb_agg(t.term order by t.term), '[]') from casebase.masked_terms t));
end
$$;

create or replace function public.get_document_masking(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.get_document_masking(case_id)
$$;

comment on function public.get_document_masking(uuid) is
    'What to black out in a case''s bank quote: {subject [the borrower''s own details], terms [names to hide]}. Service '
    'only. 404 case_not_found.';

revoke execute on function mortgage.get_document_masking(uuid), public.get_document_masking(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.get_document_masking(uuid), public.get_document_masking(uuid) to service_role;
