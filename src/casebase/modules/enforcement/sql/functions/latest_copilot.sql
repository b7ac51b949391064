-- Definer: what the copilot said is the service's alone in its table; operators read it with the case.
create or replace function enforcement.latest_copilot(case_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object(
        'model', o.model, 'is_extractive', o.is_extractive, 'summary', o.summary, 'sources', o.sources,
        'requested_by', o.requested_by, 'requested_at', o.requested_at, 'created_at', o.created_at)
    from public.case_copilot_outputs o
    where o.enforcement_case_id = latest_copilot.case_id
      and (casebase.calling_role() = 'service_role' or o.tenant_id = any (enforcement.operator_tenants()))
    order by o.created_at desc limit 1
$$;

comment on function enforcement.latest_copilot(uuid) is 'What the copilot said of a case last, for the service and operators; else null.';

revoke execute on function enforcement.latest_copilot(uuid) from public;
grant execute on function enforcement.latest_copilot(uuid) to authenticated, service_role;
