-- Like mortgage.acting_case: what staff may not act on does not exist for them.
create or replace function mortgage.acting_consent(consent_id uuid) returns public.consents
    language plpgsql
    set search_path = ''
as $$
declare
    v_consent public.consents;
begin
    select k.* into v_consent
    from public.consents k
    where k.id = acting_consent.consent_id
      and (casebase.calling_role() = 'service_role' or k.tenant_id = any (mortgage.staff_tenants()))
    for no key update;
    if not found then
        perform casebase.fail(404, 'consent_not_found', '{"field": "consent_id"}');
    end if;
    return v_consent;
end
$$;

comment on function mortgage.acting_consent(uuid) is
    'The consent, locked, if the caller may act on it: the service on any, staff on their tenants''; else 404 consent_not_found.';

revoke execute on function mortgage.acting_consent(uuid) from public;
