-- Definer: the table belongs to nobody else.
create or replace function casebase.rotate_webhook_secret(endpoint_id uuid, overlap interval default '24 hours') returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_endpoint casebase.webhook_endpoints;
begin
    perform casebase.require_webhook_endpoint(endpoint_id);
    if overlap is null or overlap not between interval '0' and interval '30 days' then
        perform casebase.fail(422, 'invalid_input',
            '{"errors": [{"field": "overlap", "rule": "range", "message": "must be from 0 to 30 days"}]}');
    end if;

    update casebase.webhook_endpoints e
    set secret = casebase.make_webhook_secret(),
        previous_secret = case when overlap > interval '0' then e.secret end,
        previous_secret_until = case when overlap > interval '0' then casebase.now() + overlap end
    where e.id = endpoint_id
    returning * into v_endpoint;
    return jsonb_build_object('secret', v_endpoint.secret, 'previous_secret_until', v_endpoint.previous_secret_until);
end
$$;

comment on function casebase.rotate_webhook_secret(uuid, interval) is
    'Give an endpoint a new signing secret, shown this once; the one before signs too until previous_secret_until. '
    '404 webhook_endpoint_not_found; 422 invalid_input.';

revoke execute on function casebase.rotate_webhook_secret(uuid, interval) from public;
grant execute on function casebase.rotate_webhook_secret(uuid, interval) to casebase_api, service_role;
