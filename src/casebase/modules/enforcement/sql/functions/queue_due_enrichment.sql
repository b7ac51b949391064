-- Definer: the service reads these tables and writes them through functions alone.
-- Open cases only: asking a vendor costs money, and of a judgment nobody enforces nothing is needed.
create or replace function enforcement.queue_due_enrichment(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_limit int;
    v_ids uuid[];
    v_queued int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "cursor": {"type": "string", "format": "uuid"},
            "batch_limit": {"type": "integer", "minimum": 1, "maximum": 5000}
        }
    }');
    v_limit := coalesce((payload ->> 'batch_limit')::numeric::int, 1000);
    v_ids := array(
        select e.id from public.enforcement_cases e
        where e.closed_at is null
          and e.id > coalesce((payload ->> 'cursor')::uuid, '00000000-0000-0000-0000-000000000000')
          and e.tenant_id = coalesce((payload ->> 'tenant_id')::uuid, e.tenant_id)
        order by e.id limit v_limit);
    -- Of a judgment one job a day, however often it is asked for.
    select count(enforcement.enqueue_job(
               e.tenant_id, 'enrich', format('due:%s:%s', e.judgment_id, (casebase.now() at time zone 'UTC')::date),
               jsonb_build_object('judgment_id', e.judgment_id)))
    into v_queued
    from public.enforcement_cases e
    join judgments.cases c on c.judgment_id = e.judgment_id and c.tenant_id = e.tenant_id
    where e.id = any (v_ids)
      and (c.last_enriched_at is null or c.last_enriched_at < casebase.now() - interval '90 days');
    return jsonb_build_object(
        'queued', v_queued, 'next_cursor', case when cardinality(v_ids) = v_limit then v_ids[v_limit] end);
end
$$;

create or replace function public.queue_due_enrichment(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.queue_due_enrichment(payload)
$$;

comment on function public.queue_due_enrichment(jsonb) is
    'Queue the enrichment of open cases that were never enriched or not for 90 days: {tenant_id?, cursor?, batch_limit? (cases '
    'looked at, 1 to 5000, else 1000)}. Returns {queued, next_cursor}: call again with the cursor while there is one. For the '
    'service alone; 422 invalid_input.';

revoke execute on function enforcement.queue_due_enrichment(jsonb), public.queue_due_enrichment(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.queue_due_enrichment(jsonb), public.queue_due_enrichment(jsonb) to service_role;
