-- Definer: only these two columns may be changed from outside.
create or replace function casebase.enable_webhook_endpoint(endpoint_id uuid, is_enabled boolean default true) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.require_webhook_endpoint(endpoint_id);
    update casebase.webhook_endpoints e
    set is_enabled = enable_webhook_endpoint.is_enabled,
        disabled_reason = case when not enable_webhook_endpoint.is_enabled then 'by_request' end
    where e.id = endpoint_id and e.is_enabled <> enable_webhook_endpoint.is_enabled;
end
$$;

comment on function casebase.enable_webhook_endpoint(uuid, boolean) is
    'Send events to an endpoint again, or stop: what happens while it is off is not sent later. 404 webhook_endpoint_not_found.';

revoke execute on function casebase.enable_webhook_endpoint(uuid, boolean) from public;
grant execute on function casebase.enable_webhook_endpoint(uuid, boolean) to casebase_api, service_role;
