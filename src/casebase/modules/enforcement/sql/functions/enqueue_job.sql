-- requires: functions/job_key.sql
create or replace function enforcement.enqueue_job(
    tenant_id uuid,
    kind text,
    idempotency_key text,
    payload jsonb,
    delay_s int default 0
) returns bigint
    language sql
    set search_path = ''
as $$
    select casebase.enqueue(
        kind,
        payload || jsonb_build_object('tenant_id', tenant_id),
        enforcement.job_key(tenant_id, kind, idempotency_key),
        delay_s)
$$;

comment on function enforcement.enqueue_job(uuid, text, text, jsonb, int) is
    'Queue a tenant''s job on the queue named as its kind and return its id. Keys are the tenant''s own: equal keys of two '
    'tenants, or of two kinds, are two jobs.';

revoke execute on function enforcement.enqueue_job(uuid, text, text, jsonb, int) from public;
