-- Definer: the tables belong to nobody else. Jobs that are on their way find no delivery and end.
create or replace function casebase.remove_webhook_endpoint(endpoint_id uuid) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_count bigint;
begin
    perform casebase.require_webhook_endpoint(endpoint_id);
    delete from casebase.webhook_deliveries d where d.endpoint_id = remove_webhook_endpoint.endpoint_id;
    get diagnostics v_count = row_count;
    delete from casebase.webhook_endpoints e where e.id = remove_webhook_endpoint.endpoint_id;
    return v_count;
end
$$;

comment on function casebase.remove_webhook_endpoint(uuid) is
    'Delete an endpoint and its delivery log; return how many deliveries were in it. 404 webhook_endpoint_not_found.';

revoke execute on function casebase.remove_webhook_endpoint(uuid) from public;
grant execute on function casebase.remove_webhook_endpoint(uuid) to casebase_api, service_role;
