-- Definer: anonymous callers, where a tenant allows them, have no rights of their own.
create or replace function enforcement.queue_job(payload jsonb) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_job jsonb;
begin
    if casebase.calling_role() = 'anon' then
        -- What does not even name a tenant is about the default one.
        v_tenant_id := case when casebase.has_format(payload ->> 'tenant_id', 'uuid') then (payload ->> 'tenant_id')::uuid
                            when coalesce(payload -> 'tenant_id', 'null') = 'null' then casebase.default_tenant() end;
        perform enforcement.admit_anonymous(v_tenant_id, payload);
    end if;
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["kind", "idempotency_key"],
        "properties": {
            "kind": {"type": "string", "enum": ["enrich", "outreach", "enforce", "case_copilot"]},
            "idempotency_key": {"type": "string", "maxLength": 120, "pattern": "[^[:space:]]", "description": "must not be empty"},
            "payload": {"type": "object", "maxBytes": 16000},
            "tenant_id": {"type": "string", "format": "uuid"},
            "delay_s": {"type": "integer", "minimum": 0, "maximum": 2592000}
        }
    }');
    v_tenant_id := coalesce(v_tenant_id, enforcement.acting_tenant((payload ->> 'tenant_id')::uuid));
    v_job := coalesce(nullif(payload -> 'payload', 'null'), '{}');
    perform enforcement.require_job_subjects(v_tenant_id, payload ->> 'kind', v_job);
    return enforcement.enqueue_job(
        v_tenant_id, payload ->> 'kind', payload ->> 'idempotency_key', casebase.scrub_json(v_job, '{}', false),
        coalesce((payload ->> 'delay_s')::numeric::int, 0));
end
$$;

create or replace function public.queue_job(payload jsonb) returns bigint
    language sql
    set search_path = ''
as $$
    select enforcement.queue_job(payload)
$$;

comment on function public.queue_job(jsonb) is
    'Queue a job for a worker: {kind (enrich, outreach, enforce, case_copilot), idempotency_key, payload?: {case_id?, '
    'judgment_id?, plaintiff_id?, …} (case_copilot needs its case_id), tenant_id?, delay_s?}. Returns the message''s id, the '
    'first one''s for a known key. Without a token only where the tenant allows it: 403 anonymous_rpc_disabled, 413 '
    'payload_too_large, 429 rate_limited. '
    '403 operator_required; 404 case_not_found, judgment_not_found, plaintiff_not_found, tenant_not_found; 422 invalid_input.';

revoke execute on function enforcement.queue_job(jsonb), public.queue_job(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.queue_job(jsonb), public.queue_job(jsonb) to anon, authenticated, service_role;
