-- Definer: members read these tables and write them through functions alone, and debtors' names only the service reads.
create or replace function enforcement.create_judgment(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_plaintiff_id uuid;
    v_debtor jsonb;
    v_debtor_id uuid;
    v_source text;
    v_number text;
    v_court text;
    v_county text;
    v_judgment public.judgments;
    v_docket_id uuid;
    v_personal text[];
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["debtor", "docket", "judgment_amount"]'::jsonb,
        'properties', '{
            "tenant_id": {"type": "string", "format": "uuid"},
            "plaintiff_id": {"type": "string", "format": "uuid"},
            "judgment_amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000000000, "multipleOf": 0.01},
            "balance_due": {"type": "number", "minimum": 0, "maximum": 1000000000, "multipleOf": 0.01},
            "judgment_date": {"type": "string", "format": "date"},
            "priority_level": {"type": "string", "enum": ["urgent", "high", "normal", "low", "on_hold"]},
            "source": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
            "docket": {
                "type": "object",
                "required": ["case_number"],
                "properties": {
                    "case_number": {"type": "string", "maxLength": 80, "pattern": "^(?=.*\\d)[A-Za-z0-9 #./:()_-]+$",
                                    "description": "must be a court''s case number"},
                    "court": {"type": "string", "maxLength": 120, "pattern": "^[^[:cntrl:]<>@]*$"},
                    "county": {"type": "string", "maxLength": 80, "pattern": "^[^[:cntrl:][:digit:]<>@]*$"},
                    "state": {"type": "string", "pattern": "^([A-Z]{2})?$", "description": "must be two capital letters"}
                }
            }
        }'::jsonb || jsonb_build_object('plaintiff', enforcement.party_schema(), 'debtor', enforcement.party_schema())));
    if num_nonnulls(payload ->> 'plaintiff_id', payload ->> 'plaintiff') <> 1 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('plaintiff_id', 'required', 'or plaintiff must be given, and not both'))));
    end if;
    if (payload ->> 'judgment_date')::date > (casebase.now() + interval '1 day')::date then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('judgment_date', 'maximum', 'must not be in the future'))));
    end if;
    -- Masked, two dockets could become one.
    v_personal := array(
        select 'docket.' || f from unnest(enforcement.personal_docket_fields(payload -> 'docket', payload -> 'debtor')) f
        union all
        select 'source' where payload ->> 'source' <> all ('{manual,court,vendor,simplicity,sample}')
                          and not enforcement.is_impersonal(payload ->> 'source', enforcement.debtor_terms(payload -> 'debtor')));
    if cardinality(v_personal) > 0 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', (
            select jsonb_agg(casebase.validation_error(f, 'personal', 'must tell of nobody: no name, no number of a person'))
            from unnest(v_personal) f)));
    end if;

    if payload ->> 'plaintiff_id' is null then
        v_tenant_id := enforcement.acting_tenant((payload ->> 'tenant_id')::uuid);
    else
        select p.id, p.tenant_id into v_plaintiff_id, v_tenant_id from public.plaintiffs p
        where p.id = (payload ->> 'plaintiff_id')::uuid
          and p.tenant_id = coalesce((payload ->> 'tenant_id')::uuid, p.tenant_id);
        perform enforcement.require_operator(v_tenant_id, 'plaintiff_not_found', 'plaintiff_id');
        if v_plaintiff_id is null then
            perform casebase.fail(404, 'plaintiff_not_found', '{"field": "plaintiff_id"}');
        end if;
    end if;

    v_debtor := payload -> 'debtor';
    v_source := coalesce(payload ->> 'source', 'manual');
    v_number := enforcement.docket_number(payload -> 'docket' ->> 'case_number');
    v_court := enforcement.place_name(payload -> 'docket' ->> 'court');
    v_county := enforcement.place_name(payload -> 'docket' ->> 'county');

    perform enforcement.lock_dockets(v_tenant_id);
    if exists (
        select from judgments.cases c
        where c.tenant_id = v_tenant_id and c.state = coalesce(payload -> 'docket' ->> 'state', '')
          and c.county = v_county and c.court = v_court and c.case_number = v_number
    ) then
        perform casebase.fail(409, 'docket_already_known', '{"field": "docket.case_number"}',
            'Work on the judgment that has this docket.');
    end if;

    if v_plaintiff_id is null then
        v_plaintiff_id := enforcement.plaintiff_of(v_tenant_id, payload -> 'plaintiff', v_source);
    end if;
    select e.entity_id into v_debtor_id
    from enforcement.entity_of(
        v_tenant_id, coalesce(v_debtor ->> 'kind', enforcement.debtor_kind(v_debtor ->> 'name')), v_debtor ->> 'name',
        v_debtor ->> 'discriminator') e;
    insert into public.judgments (
        tenant_id, plaintiff_id, defendant_entity_id, defendant_mask, judgment_amount, balance_due, judgment_date,
        priority_level, source)
    values (
        v_tenant_id, v_plaintiff_id, v_debtor_id,
        coalesce(casebase.initials_of(v_debtor ->> 'name'), 'Unknown'),
        round((payload ->> 'judgment_amount')::numeric, 2),
        round(coalesce((payload ->> 'balance_due')::numeric, (payload ->> 'judgment_amount')::numeric), 2),
        (payload ->> 'judgment_date')::date,
        coalesce((payload ->> 'priority_level')::public.judgment_priority_level, 'normal'), v_source)
    returning * into v_judgment;
    insert into judgments.cases (
        tenant_id, judgment_id, case_number, court, county, state, priority_level, judgment_amount)
    values (
        v_tenant_id, v_judgment.id, v_number, v_court, v_county, coalesce(payload -> 'docket' ->> 'state', ''),
        v_judgment.priority_level, v_judgment.judgment_amount)
    returning id into v_docket_id;
    perform enforcement.add_party_contacts(v_tenant_id, v_docket_id, null, v_debtor, v_source);
    return jsonb_build_object(
        'judgment_id', v_judgment.id, 'plaintiff_id', v_plaintiff_id, 'case_id', v_docket_id);
end
$$;

create or replace function public.create_judgment(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.create_judgment(payload)
$$;

comment on function public.create_judgment(jsonb) is
    'Record a judgment with its parties and docket: {plaintiff_id or plaintiff, debtor, docket, judgment_amount, balance_due?, '
    'judgment_date?, priority_level?, source?, tenant_id?}; a party is {name, kind? (person, company; by the name unless told), '
    'discriminator?, phone?, email?, address?}, a docket {case_number, court?, county?, state?}. A plaintiff who is known is not written '
    'again. Returns {judgment_id, plaintiff_id, case_id}, the last the docket''s. 404 plaintiff_not_found, '
    'tenant_not_found; 409 docket_already_known; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.create_judgment(jsonb), public.create_judgment(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.create_judgment(jsonb), public.create_judgment(jsonb)
to authenticated, service_role;
