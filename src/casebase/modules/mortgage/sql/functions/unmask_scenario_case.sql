-- Definer: the contact is the service's alone; staff see it only here, for a reason that stays on the timeline.
create or replace function mortgage.unmask_scenario_case(case_id uuid, reason text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_lead public.leads;
begin
    perform casebase.require_valid(jsonb_build_object('reason', btrim(reason)), '{
        "type": "object",
        "required": ["reason"],
        "properties": {"reason": {"type": "string", "minLength": 10, "maxLength": 500}}
    }');
    v_case := mortgage.acting_case(case_id);
    if casebase.calling_role() = 'authenticated'
       and not v_case.tenant_id = any (casebase.member_tenants(array['owner', 'admin', 'broker'])) then
        perform casebase.fail(403, 'forbidden', '{}', 'Ask an owner of the tenant for a role that may see contacts.');
    end if;
    select l.* into v_lead from public.leads l where l.id = v_case.lead_id and l.tenant_id = v_case.tenant_id;
    if v_lead.erased_at is not null then
        perform casebase.fail(410, 'contact_erased', '{}', 'The consent has ended; the contact is gone for good.');
    end if;

    perform mortgage.add_event(v_case, 'admin_view', jsonb_build_object(
        'actor', mortgage.actor(), 'is_unmasked', true, 'reason', mortgage.clean_text(v_case, btrim(reason), 'reason')));
    perform set_config('casebase.keep_reply', 'off', true);
    return jsonb_build_object(
        'case_id', v_case.id, 'name', v_lead.name, 'email', v_lead.email, 'phone', v_lead.phone,
        'consent_until', v_case.consent_until);
end
$$;

create or replace function public.unmask_scenario_case(case_id uuid, reason text) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.unmask_scenario_case(case_id, reason)
$$;

comment on function public.unmask_scenario_case(uuid, text) is
    'The contact behind a case, {name, email, phone, consent_until}, for owners, admins and brokers; the reason '
    '(10 to 500 characters) is logged as admin_view. 403 forbidden, 404 case_not_found, 410 contact_erased, 422 invalid_input.';

revoke execute on function mortgage.unmask_scenario_case(uuid, text), public.unmask_scenario_case(uuid, text) from public, anon, authenticated, service_role;
grant execute on function mortgage.unmask_scenario_case(uuid, text), public.unmask_scenario_case(uuid, text)
    to authenticated, service_role;
