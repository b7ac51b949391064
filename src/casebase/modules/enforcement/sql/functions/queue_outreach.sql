-- Definer: tenants are not the service's to list. One tenant a job: each is planned in a transaction of its own.
create or replace function enforcement.queue_outreach(payload jsonb) returns jsonb
    language sql security definer
    set search_path = ''
as $$
    select jsonb_build_object('queued', count(enforcement.enqueue_job(
        t.id, 'outreach', 'nightly:' || casebase.now()::date, '{}')))
    from public.tenants t
    where exists (select from public.enforcement_cases c where c.tenant_id = t.id and c.closed_at is null)
$$;

comment on function enforcement.queue_outreach(jsonb) is
    'Queue today''s outreach of every tenant that has an open case, once a day. What the nightly job completes with.';

revoke execute on function enforcement.queue_outreach(jsonb) from public, anon, authenticated, service_role;
grant execute on function enforcement.queue_outreach(jsonb) to service_role;
