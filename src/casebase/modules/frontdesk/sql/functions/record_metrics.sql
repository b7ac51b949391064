-- Definer: the service's own grant would do, but the table's policy would be asked for every row.
create or replace function frontdesk.record_metrics(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
begin
    -- Its items are looked at once, by add_metrics.
    perform casebase.require_valid(
        (case jsonb_typeof(payload) when 'object' then payload - 'metrics' else payload end),
        '{"type": "object", "properties": {"tenant_id": {"type": "string", "format": "uuid"}}}');
    if (case jsonb_typeof(payload -> 'metrics')
            when 'array' then jsonb_array_length(payload -> 'metrics') not between 1 and 10000
            else true end) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('metrics', 'maxItems', 'must be an array of 1 to 10,000 metrics'))));
    end if;
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    return jsonb_build_object(
        'tenant_id', v_tenant, 'recorded', frontdesk.add_metrics(v_tenant, payload -> 'metrics', 'metrics'));
end
$$;

create or replace function public.record_metrics(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.record_metrics(payload)
$$;

comment on function public.record_metrics(jsonb) is
    'Write up to 10,000 metrics of a tenant, all or none: {tenant_id? (the default one), metrics: [{name, value, tags?, at?}]}. '
    'A name is lowered and trimmed, a value rounded to 30 decimals; tags are at most 16 texts, numbers or booleans; at is now '
    'unless it is given. Returns {tenant_id, recorded}. For the service. 404 tenant_not_found; 422 invalid_input, which names index, field and rule.';

revoke execute on function frontdesk.record_metrics(jsonb), public.record_metrics(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.record_metrics(jsonb), public.record_metrics(jsonb) to service_role;
