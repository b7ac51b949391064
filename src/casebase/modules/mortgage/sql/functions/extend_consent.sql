-- Definer: staff may not write consents. The consent is locked first, so that expiry either sees the new end or has
-- already passed, and then the call is refused.
create or replace function mortgage.extend_consent(consent_id uuid, until timestamptz) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_column
declare
    v_consent public.consents := mortgage.acting_consent(consent_id);
    v_case public.scenario_cases;
begin
    if extend_consent.until is null or extend_consent.until <= casebase.now()
       or extend_consent.until > casebase.now() + interval '365 days' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('until', 'range', 'must be later than now, by 365 days at most'))));
    end if;
    if v_consent.expired_at is not null or least(v_consent.until, v_consent.withdrawn_at) <= casebase.now() then
        perform casebase.fail(409, 'consent_ended', '{"field": "consent_id"}',
            'A consent that has ended can''t be revived: ask the borrower for a new one.');
    end if;
    if extend_consent.until = v_consent.until then
        return mortgage.consent_json(v_consent);
    end if;

    for v_case in
        select c.* from public.scenario_cases c
        where c.consent_id = v_consent.id and c.lead_id = v_consent.lead_id and c.tenant_id = v_consent.tenant_id
    loop
        perform mortgage.add_event(v_case, 'admin_edit', jsonb_build_object(
            'actor', mortgage.actor(),
            'changes', jsonb_build_object('consent_until', jsonb_build_array(v_consent.until, extend_consent.until))));
    end loop;
    update public.consents k set until = extend_consent.until where k.id = v_consent.id returning k.* into v_consent;
    return mortgage.consent_json(v_consent);
end
$$;

create or replace function public.extend_consent(consent_id uuid, until timestamptz) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.extend_consent(consent_id, until)
$$;

comment on function public.extend_consent(uuid, timestamptz) is
    'Move the end of a consent that still holds to a later time than now, 365 days ahead at most. Returns {consent_id, '
    'purposes, granted_at, until, withdrawn_at, expired_at}. 404 consent_not_found, 409 consent_ended, 422 invalid_input.';

revoke execute on function mortgage.extend_consent(uuid, timestamptz), public.extend_consent(uuid, timestamptz)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.extend_consent(uuid, timestamptz), public.extend_consent(uuid, timestamptz)
    to authenticated, service_role;
