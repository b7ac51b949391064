create or replace view public.v_case_copilot_latest
    with (security_invoker = on)
as
select distinct on (o.enforcement_case_id, o.tenant_id)
    o.enforcement_case_id as case_id,
    o.tenant_id,
    c.judgment_id,
    c.reference,
    o.model,
    o.is_extractive,
    o.summary,
    o.sources,
    o.requested_by,
    o.requested_at,
    o.created_at
from public.case_copilot_outputs o
join public.enforcement_cases c on c.id = o.enforcement_case_id and c.tenant_id = o.tenant_id
order by o.enforcement_case_id, o.tenant_id, o.created_at desc, o.job_id desc;

comment on view public.v_case_copilot_latest is 'The copilot''s latest note on each case. Service role only.';

revoke all on public.v_case_copilot_latest from public, anon, authenticated, service_role;
grant select on public.v_case_copilot_latest to service_role;
