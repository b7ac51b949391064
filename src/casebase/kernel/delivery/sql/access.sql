-- Reached through functions only, which run as their owner: the endpoints hold signing secrets.
revoke all on casebase.webhook_endpoints, casebase.webhook_deliveries
    from public, anon, authenticated, service_role, casebase_api;

drop policy if exists webhook_endpoints_all_nobody on casebase.webhook_endpoints;
create policy webhook_endpoints_all_nobody on casebase.webhook_endpoints for all using (false);
drop policy if exists webhook_deliveries_all_nobody on casebase.webhook_deliveries;
create policy webhook_deliveries_all_nobody on casebase.webhook_deliveries for all using (false);
