create or replace function enforcement.job_key(tenant_id uuid, kind text, idempotency_key text) returns text
    language sql immutable
    set search_path = ''
as $$
    select tenant_id || ':' || kind || ':' || idempotency_key
$$;

comment on function enforcement.job_key(uuid, text, text) is 'Under which key a tenant''s job is known to its queue.';

revoke execute on function enforcement.job_key(uuid, text, text) from public;
