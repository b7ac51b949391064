create or replace function casebase.require_webhook_endpoint(endpoint_id uuid) returns void
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    if not exists (select from casebase.webhook_endpoints e where e.id = endpoint_id) then
        perform casebase.fail(404, 'webhook_endpoint_not_found',
            '{"errors": [{"field": "endpoint_id", "rule": "exists", "message": "is not an endpoint"}]}',
            'List the endpoints with `casebase webhook list`.');
    end if;
end
$$;

comment on function casebase.require_webhook_endpoint(uuid) is
    'Refuse the id of an endpoint that does not exist: 404 webhook_endpoint_not_found.';

revoke execute on function casebase.require_webhook_endpoint(uuid) from public;
