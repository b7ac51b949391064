-- Definer: shows everything but the secrets.
create or replace function casebase.list_webhook_endpoints(tenant_id uuid default null)
    returns table (
        endpoint_id uuid, tenant text, url text, event_types text[], description text, is_enabled boolean,
        disabled_reason text, previous_secret_until timestamptz, pending bigint, failed bigint, created_at timestamptz
    )
    language sql stable security definer
    set search_path = ''
as $$
    select e.id, t.slug, e.url, e.event_types, e.description, e.is_enabled, e.disabled_reason,
           case when e.previous_secret_until > casebase.now() then e.previous_secret_until end,
           (select count(*) from casebase.webhook_deliveries d where d.endpoint_id = e.id and d.status = 'pending'),
           (select count(*) from casebase.webhook_deliveries d where d.endpoint_id = e.id and d.status = 'failed'),
           e.created_at
    from casebase.webhook_endpoints e
    join public.tenants t on t.id = e.tenant_id
    where list_webhook_endpoints.tenant_id is null or e.tenant_id = list_webhook_endpoints.tenant_id
    order by t.slug, e.created_at, e.id
$$;

comment on function casebase.list_webhook_endpoints(uuid) is
    'Every endpoint, or one tenant''s, without its secret, and how many of its deliveries are pending or have failed.';

revoke execute on function casebase.list_webhook_endpoints(uuid) from public;
grant execute on function casebase.list_webhook_endpoints(uuid) to casebase_api, service_role;
