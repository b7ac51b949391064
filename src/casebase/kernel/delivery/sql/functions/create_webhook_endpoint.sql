-- Definer: the table belongs to nobody else. The secret is made here, so it is in no statement and no log.
create or replace function casebase.create_webhook_endpoint(
    tenant text,
    url text,
    event_types text[] default '{*}',
    description text default ''
) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_endpoint casebase.webhook_endpoints;
begin
    perform casebase.require_valid(
        jsonb_build_object('url', url, 'event_types', event_types, 'description', description),
        '{
            "type": "object",
            "required": ["url", "event_types"],
            "properties": {
                "url": {"type": "string", "maxLength": 2000, "pattern": "^https?://[^[:space:]/?#@\\\\]+(?:[/?][^[:space:]#\\\\]*)?$",
                        "description": "must be a web address without credentials and fragment"},
                "event_types": {"type": "array", "minItems": 1, "maxItems": 100,
                    "items": {"type": "string", "maxLength": 120, "pattern": "^(?:\\*|[a-z][a-z0-9_]*(?:\\.[a-z][a-z0-9_]*)*(?:\\.\\*)?)$",
                              "description": "must be a type such as mortgage.lead_form, a pattern such as mortgage.*, or *"}},
                "description": {"type": "string", "maxLength": 500}
            }
        }'::jsonb);

    insert into casebase.webhook_endpoints as e (tenant_id, url, event_types, description, secret)
    select t.id, create_webhook_endpoint.url, create_webhook_endpoint.event_types,
           coalesce(create_webhook_endpoint.description, ''), casebase.make_webhook_secret()
    from public.tenants t
    where t.slug = tenant
    returning * into v_endpoint;
    if v_endpoint.id is null then
        perform casebase.fail(404, 'tenant_not_found', '{"errors": [{"field": "tenant", "rule": "exists", "message": "is not a tenant"}]}');
    end if;
    return jsonb_build_object('endpoint_id', v_endpoint.id, 'secret', v_endpoint.secret);
end
$$;

comment on function casebase.create_webhook_endpoint(text, text, text[], text) is
    'Send a tenant''s events of these types to url from now on. Returns endpoint_id and the signing secret, shown this '
    'once. 422 invalid_input; 404 tenant_not_found.';

revoke execute on function casebase.create_webhook_endpoint(text, text, text[], text) from public;
grant execute on function casebase.create_webhook_endpoint(text, text, text[], text) to casebase_api, service_role;
