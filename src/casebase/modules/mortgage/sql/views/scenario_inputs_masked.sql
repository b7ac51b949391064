-- Owner view and exposed view as in v_scenario_ai_context.sql. An income is told by its presence alone.
create or replace view mortgage.masked_inputs with (security_barrier) as
select
    i.case_id,
    i.tenant_id,
    i.version,
    i.loan_amount::numeric as loan_amount,
    i.tenure_months,
    i.property_type,
    i.current_bank_mask,
    i.lock_in_remaining,
    i.owner_occupied,
    i.income_profile_json is not null as has_income_profile
from public.scenario_inputs i
where i.tenant_id = any ((select mortgage.readable_tenants())::uuid[]);

create or replace view public.scenario_inputs_masked with (security_invoker = on) as
select
    v.case_id, v.tenant_id, v.version, v.loan_amount, v.tenure_months, v.property_type, v.current_bank_mask,
    v.lock_in_remaining, v.owner_occupied, v.has_income_profile
from mortgage.masked_inputs v;

comment on view public.scenario_inputs_masked is 'Inputs for analysis: the loan, its bank as a mask, no income.';
