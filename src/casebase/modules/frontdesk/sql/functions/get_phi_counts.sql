-- Definer: as list_phi_events.
create or replace function frontdesk.get_phi_counts(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
    set timezone = 'UTC'
as $$
declare
    v_tenant uuid;
    v_from timestamptz;
    v_until timestamptz;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["from", "until"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"}
        }
    }');
    v_from := (payload ->> 'from')::timestamptz;
    v_until := (payload ->> 'until')::timestamptz;
    if v_until <= v_from or v_until - v_from > interval '366 days' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('until', 'range', 'must be after from, by 366 days at most'))));
    end if;
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    return (
        with counted as materialized (
            select e.phi_type, e.action_taken, e.created_at::date as day, count(*) as events
            from public.phi_detection_events e
            where e.tenant_id = v_tenant and e.created_at >= v_from and e.created_at < v_until
            group by 1, 2, 3
        )
        select jsonb_build_object(
            'tenant_id', v_tenant, 'from', v_from, 'until', v_until,
            'count', (select coalesce(sum(c.events), 0) from counted c),
            'types', (
                select coalesce(jsonb_agg(to_jsonb(t) order by t.count desc, t.phi_type, t.action_taken), '[]')
                from (select c.phi_type, c.action_taken, sum(c.events) as count from counted c group by 1, 2) t),
            'days', (
                select coalesce(jsonb_agg(to_jsonb(d) order by d.day), '[]')
                from (select c.day, sum(c.events) as count from counted c group by 1) d)));
end
$$;

create or replace function public.get_phi_counts(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_phi_counts(payload)
$$;

comment on function public.get_phi_counts(jsonb) is
    'How much scans found: {tenant_id?, from, until (366 days later at most)} gives {tenant_id, from, until, count, types: '
    '[{phi_type, action_taken, count}], days: [{day, count}]}, the most frequent first and days in UTC; what has none is left '
    'out. For the tenant''s owners and admins, and the service. 403 administrator_required; 404 tenant_not_found; 422 '
    'invalid_input.';

revoke execute on function frontdesk.get_phi_counts(jsonb), public.get_phi_counts(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_phi_counts(jsonb), public.get_phi_counts(jsonb) to authenticated, service_role;
