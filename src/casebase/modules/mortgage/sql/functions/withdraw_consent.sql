-- Definer: staff may not write consents. Erasing is left to the job queued here: a long timeline takes several transactions.
create or replace function mortgage.withdraw_consent(consent_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_consent public.consents := mortgage.acting_consent(consent_id);
    v_case public.scenario_cases;
begin
    if v_consent.withdrawn_at is not null or v_consent.expired_at is not null then
        return mortgage.consent_json(v_consent);
    end if;
    update public.consents k set withdrawn_at = casebase.now() where k.id = v_consent.id returning k.* into v_consent;
    for v_case in
        select c.* from public.scenario_cases c
        where c.consent_id = v_consent.id and c.lead_id = v_consent.lead_id and c.tenant_id = v_consent.tenant_id
    loop
        perform mortgage.add_event(v_case, 'admin_edit', jsonb_build_object(
            'actor', mortgage.actor(),
            'changes', jsonb_build_object('withdrawn_at', jsonb_build_array(null, v_consent.withdrawn_at))));
    end loop;
    perform casebase.enqueue('casebase_retention', '{"rule": "mortgage.consents"}');
    return mortgage.consent_json(v_consent);
end
$$;

create or replace function public.withdraw_consent(consent_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.withdraw_consent(consent_id)
$$;

comment on function public.withdraw_consent(uuid) is
    'End a consent now and queue the erasure of all that is personal; again, or after its end, it changes nothing. Returns '
    'the consent as extend_consent does. 404 consent_not_found.';

revoke execute on function mortgage.withdraw_consent(uuid), public.withdraw_consent(uuid)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.withdraw_consent(uuid), public.withdraw_consent(uuid) to authenticated, service_role;
