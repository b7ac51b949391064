-- Invoker: row level security decides which case is found. Everything in these tables is masked already.
create or replace function mortgage.get_scenario_case(case_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
begin
    select * into v_case from public.scenario_cases c where c.id = get_scenario_case.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;

    return jsonb_build_object(
        'case_id', v_case.id,
        'reference', v_case.reference,
        'status', v_case.status,
        'initials', v_case.initials,
        'source', v_case.source,
        'recommendation', v_case.recommendation,
        'net_savings', v_case.net_savings,
        'latest_input_version', v_case.latest_input_version,
        'latest_calc_version', v_case.latest_calc_version,
        'consent_id', v_case.consent_id,
        'consent_until', v_case.consent_until,
        'next_review_at', v_case.next_review_at,
        'notes', v_case.notes,
        'closed_at', v_case.closed_at,
        'created_at', v_case.created_at,
        'updated_at', v_case.updated_at,
        'inputs', (
            select coalesce(jsonb_agg(to_jsonb(i) - 'id' - 'tenant_id' - 'case_id' order by i.version desc), '[]')
            from (
                select * from public.scenario_inputs n
                where n.case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.version desc limit 50
            ) i),
        'calculations', (
            select coalesce(jsonb_agg(to_jsonb(k) - 'id' - 'tenant_id' - 'case_id' order by k.calc_version desc), '[]')
            from (
                select * from public.scenario_calculations n
                where n.case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.calc_version desc limit 20
            ) k),
        'events', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'event_type', e.event_type,
                'payload', e.payload_json,
                'occurred_at', e.occurred_at) order by e.occurred_at desc, e.position desc), '[]')
            from (
                select * from public.scenario_events n
                where n.case_id = v_case.id and n.tenant_id = v_case.tenant_id
                order by n.occurred_at desc, n.position desc limit 200
            ) e),
        'tags', (
            select coalesce(jsonb_agg(jsonb_build_object('tag', t.tag, 'source', t.source) order by t.tag), '[]')
            from public.scenario_tags t
            where t.case_id = v_case.id and t.tenant_id = v_case.tenant_id),
        'outcome', (
            select to_jsonb(o) - 'id' - 'tenant_id' - 'case_id'
            from public.scenario_outcomes o
            where o.case_id = v_case.id and o.tenant_id = v_case.tenant_id));
end
$$;

create or replace function public.get_scenario_case(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.get_scenario_case(case_id)
$$;

comment on function public.get_scenario_case(uuid) is
    'One case, masked: its state, the latest 50 inputs, 20 calculations and 200 events, newest first, tags and outcome. '
    '404 case_not_found, also for another tenant''s.';

revoke execute on function mortgage.get_scenario_case(uuid), public.get_scenario_case(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.get_scenario_case(uuid), public.get_scenario_case(uuid) to authenticated, service_role;
