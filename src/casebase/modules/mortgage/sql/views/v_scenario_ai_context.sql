-- Two views: this one reads the tables as their owner, so that an AI broker needs no right on any table, and is a barrier,
-- so that no caller's condition sees a row of another tenant. The exposed one runs as its caller.
create or replace view mortgage.scenario_ai_contexts with (security_barrier) as
select
    c.id as case_id,
    c.tenant_id,
    jsonb_strip_nulls(jsonb_build_object(
        'property_type', i.property_type,
        'loan_amount', i.loan_amount,
        'tenure_months', i.tenure_months,
        'lock_in_remaining', i.lock_in_remaining,
        'owner_occupied', i.owner_occupied,
        'current_bank_mask', i.current_bank_mask)) as inputs_summary,
    c.recommendation,
    case when c.recommendation is not null then c.net_savings end as savings,
    case when c.recommendation is not null then k.hassle_score end as hassle_score,
    coalesce(t.tags, '{}') as tags,
    jsonb_build_object(
        'is_enabled', coalesce(s.is_reveal_enabled, false),
        'is_revealed', r.occurred_at is not null,
        'last_revealed_at', r.occurred_at) as reveal,
    case when s.is_reveal_enabled and q.occurred_at is not null then jsonb_strip_nulls(jsonb_build_object(
        'quoted_at', q.occurred_at,
        'bank_mask', b.mask,
        -- Two lenders outside the directory share a mask and need not be the same.
        'is_current_bank', b.mask = i.current_bank_mask and b.code <> 'other')) || q.terms end as counter_offer
from public.scenario_cases c
left join public.scenario_inputs i
    on i.case_id = c.id and i.tenant_id = c.tenant_id and i.version = c.latest_input_version
left join mortgage.settings s on s.tenant_id = c.tenant_id
left join lateral (
    select n.hassle_score
    from public.scenario_calculations n
    where n.case_id = c.id and n.tenant_id = c.tenant_id and n.input_version = c.latest_input_version
    order by n.calc_version desc limit 1
) k on true
left join lateral (
    select array_agg(n.tag order by n.tag) as tags
    from public.scenario_tags n
    where n.case_id = c.id and n.tenant_id = c.tenant_id
) t on true
left join lateral (
    select n.occurred_at
    from public.scenario_events n
    where n.case_id = c.id and n.tenant_id = c.tenant_id and n.event_type = 'reveal'
    order by n.occurred_at desc, n.position desc limit 1
) r on true
left join lateral (
    -- Of what a quote says these alone get out, whatever its payload holds: a rate can be computed from an instalment
    -- or a total cost.
    select n.occurred_at, n.payload_json ->> 'bank' as bank_mask, (
        select coalesce(jsonb_object_agg(e.key, e.value), '{}')
        from jsonb_each(n.payload_json) e
        where e.key in ('net_savings', 'fees', 'subsidy', 'lock_in_months') and jsonb_typeof(e.value) = 'number'
           or e.key = 'valid_until' and e.value #>> '{}' ~ '^\d{4}-\d\d-\d\d$') as terms
    from public.scenario_events n
    where n.case_id = c.id and n.tenant_id = c.tenant_id and n.event_type = 'bank_quote'
    order by n.occurred_at desc, n.position desc limit 1
) q on true
left join mortgage.banks b on b.mask = q.bank_mask
where c.tenant_id = any ((select mortgage.readable_tenants())::uuid[]);

create or replace view public.v_scenario_ai_context with (security_invoker = on) as
select v.case_id, v.tenant_id, v.inputs_summary, v.recommendation, v.savings, v.hassle_score, v.tags, v.reveal, v.counter_offer
from mortgage.scenario_ai_contexts v;

comment on view public.v_scenario_ai_context is
    'What an AI broker may know of a case of its token''s tenant, masked: no name, no contact, no bank''s name, no rate.';
