-- Definer: sends again only what the caller administers; what isn't theirs is not found.
create or replace function casebase.redeliver_own_webhooks(delivery_ids uuid[]) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenants constant uuid[] := casebase.administered_tenants();
    v_ids uuid[];
begin
    if coalesce(cardinality(delivery_ids), 0) not between 1 and 200 then
        perform casebase.fail(422, 'invalid_input',
            '{"errors": [{"field": "delivery_ids", "rule": "maxItems", "message": "must be 1 to 200 ids"}]}');
    end if;
    select coalesce(array_agg(d.id), '{}') into v_ids from casebase.webhook_deliveries d
    where d.id = any (delivery_ids) and d.tenant_id = any (v_tenants);
    return to_jsonb(array(select casebase.redeliver_webhooks(v_ids)));
end
$$;

create or replace function public.redeliver_webhooks(delivery_ids uuid[]) returns jsonb
    language sql
    set search_path = ''
as $$
    select casebase.redeliver_own_webhooks(delivery_ids)
$$;

comment on function public.redeliver_webhooks(uuid[]) is
    'Send deliveries of the tenants that the caller owns or administers again, with the ids they had; returns those that '
    'will be: not an unknown one''s, nor of an endpoint that is switched off. 403 forbidden; 422 invalid_input.';

revoke execute on function casebase.redeliver_own_webhooks(uuid[]), public.redeliver_webhooks(uuid[])
from public, anon, authenticated, service_role;
grant execute on function casebase.redeliver_own_webhooks(uuid[]), public.redeliver_webhooks(uuid[]) to authenticated;
