-- The tenant of a thing that is not there is null, which allows nothing: without a token an unknown id, another tenant's
-- and one of a tenant that is closed to strangers look alike.
-- Counted in the call's own transaction: what a refused call would have done is not done, so only calls that do
-- something use up the limit. Before PostgreSQL the HTTP endpoint limits strangers by their address, refused or not.
create or replace function enforcement.admit_anonymous(tenant_id uuid, arguments jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    v_settings enforcement.settings;
    v_count int;
begin
    if casebase.calling_role() <> 'anon' then
        return;
    end if;
    if octet_length(arguments::text) > 8192 then
        perform casebase.fail(413, 'payload_too_large', '{}', 'Without a token a call may have 8 KB.');
    end if;
    v_settings := enforcement.settings_of(tenant_id);
    if not v_settings.allow_anonymous_rpc then
        perform casebase.fail(403, 'anonymous_rpc_disabled', '{}',
            'Send a token, or have an owner of the tenant turn allow_anonymous_rpc on.');
    end if;

    delete from enforcement.anonymous_calls a
    where a.tenant_id = admit_anonymous.tenant_id and a.minute < casebase.now() - interval '1 hour';
    insert into enforcement.anonymous_calls as a (tenant_id, minute, call_count)
    values (admit_anonymous.tenant_id, date_trunc('minute', casebase.now()), 1)
    on conflict on constraint anonymous_calls_pkey do update set call_count = a.call_count + 1
    returning a.call_count into v_count;
    if v_count > v_settings.anonymous_calls_per_minute then
        perform casebase.fail(429, 'rate_limited', jsonb_build_object(
            'retry_after', 60 - extract(second from casebase.now())::int % 60), 'Send a token, or call again in a minute.');
    end if;
end
$$;

comment on function enforcement.admit_anonymous(uuid, jsonb) is
    'Pass whoever has a token. Of the others only those of a tenant that allows them, 8 KB a call and as many calls a '
    'minute as it says: 403 anonymous_rpc_disabled, 413 payload_too_large, 429 rate_limited.';

revoke execute on function enforcement.admit_anonymous(uuid, jsonb) from public;
