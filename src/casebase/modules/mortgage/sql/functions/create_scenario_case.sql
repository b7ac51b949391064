-- Definer: it writes the unexposed inputs, which no role is granted.
create or replace function mortgage.create_scenario_case(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_lead_id uuid;
    v_consent public.consents;
    v_telling jsonb;
    v_case_id uuid;
    v_case public.scenario_cases;
    v_version int;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["contact", "consent", "inputs", "source"]'::jsonb,
        'properties', '{
            "tenant_id": {"type": "string", "format": "uuid"},
            "source": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                       "description": "must be a snake_case word of at most 40 characters"},
            "contact": {
                "type": "object",
                "required": ["name", "email", "phone"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 120,
                             "pattern": "^[^[:cntrl:]]*[[:alpha:]][^[:cntrl:]]*$",
                             "description": "must hold a letter and no control characters"},
                    "email": {"type": "string", "format": "email"},
                    "phone": {"type": "string", "maxLength": 32,
                              "pattern": "^[+]?[(]?[0-9](?:[ ().-]{0,2}[0-9]){7,14}$",
                              "description": "must be a telephone number of 8 to 15 digits"}
                }
            },
            "consent": {
                "type": "object",
                "required": ["purposes"],
                "properties": {
                    "purposes": {"type": "array", "minItems": 1, "maxItems": 20,
                                 "items": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$",
                                           "description": "must be a snake_case word of at most 40 characters"}},
                    "days": {"type": "integer", "minimum": 1, "maximum": 365}
                }
            }
        }'::jsonb || jsonb_build_object('inputs', mortgage.inputs_schema())));

    -- These words go where staff reads them. Masked they would be no words, so what tells a person or a bank is refused.
    select jsonb_agg(casebase.validation_error(w.field, 'personal_data', 'must tell no person and no bank'))
    into v_telling
    from (
        select 'source', payload ->> 'source'
        union all
        select format('consent.purposes[%s]', p.position - 1), p.purpose
        from jsonb_array_elements_text(payload #> '{consent,purposes}') with ordinality p (purpose, position)
    ) w (field, label)
    cross join (select array(select jsonb_each_text.value from jsonb_each_text(payload -> 'contact'))) c (subject)
    where not mortgage.is_impersonal(w.label, c.subject, 6);
    if v_telling is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_telling));
    end if;

    v_tenant_id := coalesce((payload ->> 'tenant_id')::uuid, casebase.default_tenant());
    if not exists (select from public.tenants t where t.id = v_tenant_id) then
        perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
    end if;

    insert into public.leads (tenant_id, name, email, phone, source)
    values (v_tenant_id, btrim(payload #>> '{contact,name}'), payload #>> '{contact,email}',
            payload #>> '{contact,phone}', payload ->> 'source')
    returning id into v_lead_id;

    insert into public.consents (tenant_id, lead_id, purposes, until)
    values (v_tenant_id, v_lead_id,
            array(select distinct p from jsonb_array_elements_text(payload #> '{consent,purposes}') p order by p),
            casebase.now() + make_interval(days => coalesce((payload #>> '{consent,days}')::numeric::int, 5)))
    returning * into v_consent;

    insert into public.scenario_cases (tenant_id, lead_id, consent_id, initials, source, consent_until)
    values (v_tenant_id, v_lead_id, v_consent.id, casebase.initials_of(payload #>> '{contact,name}'),
            payload ->> 'source', v_consent.until)
    returning id into v_case_id;

    v_version := mortgage.add_inputs(v_tenant_id, v_case_id, payload -> 'inputs', 'lead_form');
    select * into v_case from public.scenario_cases c where c.id = v_case_id;
    perform mortgage.refresh_tags(v_case);

    insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
    values (v_tenant_id, v_case_id, 'lead_form', jsonb_build_object(
        'source', payload ->> 'source',
        'input_version', v_version,
        'purposes', v_consent.purposes,
        'consent_until', v_consent.until));

    perform casebase.notify_live(v_tenant_id, 'mortgage.case', v_case_id);

    return jsonb_build_object(
        'case_id', v_case_id,
        'lead_id', v_lead_id,
        'consent_id', v_consent.id,
        'input_version', v_version,
        'job_id', mortgage.queue_calculation(v_case_id, v_version));
end
$$;

create or replace function public.create_scenario_case(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.create_scenario_case(payload)
$$;

comment on function public.create_scenario_case(jsonb) is
    'Open a case from a lead form: {contact {name, email, phone}, consent {purposes, days = 5}, inputs {loan_amount, '
    'tenure_months, property_type, current_bank, current_rate?, lock_in_remaining?, owner_occupied?, income_profile?}, '
    'source, tenant_id?}. Returns case_id, lead_id, consent_id, input_version, job_id. 422 invalid_input names each '
    'field and rule; 404 tenant_not_found.';

revoke execute on function mortgage.create_scenario_case(jsonb), public.create_scenario_case(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.create_scenario_case(jsonb), public.create_scenario_case(jsonb) to service_role;
