-- Definer: as record_metrics.
create or replace function frontdesk.record_metric(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
begin
    perform casebase.require_valid(
        (case jsonb_typeof(payload) when 'object' then payload - '{name,value,tags,at}'::text[] else payload end),
        '{"type": "object", "properties": {"tenant_id": {"type": "string", "format": "uuid"}}}');
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    return jsonb_build_object(
        'tenant_id', v_tenant,
        'recorded', frontdesk.add_metrics(v_tenant, jsonb_build_array(payload - 'tenant_id'), null));
end
$$;

create or replace function public.record_metric(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.record_metric(payload)
$$;

comment on function public.record_metric(jsonb) is
    'Write a metric: {name, value, tenant_id? (the default one), tags? (at most 16 texts, numbers or booleans), at? (now)}. The '
    'name is lowered and trimmed, the value rounded to 30 decimals. Returns {tenant_id, recorded}. For the service. 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.record_metric(jsonb), public.record_metric(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.record_metric(jsonb), public.record_metric(jsonb) to service_role;
