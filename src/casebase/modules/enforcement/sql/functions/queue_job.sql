-- Definer: anonymous callers, where a tenant allows them, have no rights of their own.
-- A job holds ids that were looked at and who asked, nothing a caller wrote. Callers' keys are apart from the schedules' own
-- (call:), and only their digests are kept: a key may be a sentence.
create or replace function enforcement.queue_job(payload jsonb) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_kind text := payload ->> 'kind';
    v_job jsonb;
    v_key text;
    v_msg_id bigint;
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
            "payload": {
                "type": "object",
                "properties": {
                    "case_id": {"type": "string", "format": "uuid"},
                    "judgment_id": {"type": "string", "format": "uuid"},
                    "plaintiff_id": {"type": "string", "format": "uuid"},
                    "tenant_id": {"type": "string", "format": "uuid"}
                }
            },
            "tenant_id": {"type": "string", "format": "uuid"},
            "delay_s": {"type": "integer", "minimum": 0, "maximum": 2592000}
        }
    }');
    v_tenant_id := coalesce(v_tenant_id, enforcement.acting_tenant((payload ->> 'tenant_id')::uuid));
    v_job := jsonb_strip_nulls(coalesce(nullif(payload -> 'payload', 'null'), '{}'));
    perform enforcement.require_job_subjects(v_tenant_id, v_kind, v_job);

    v_key := 'call:' || encode(sha256(convert_to(payload ->> 'idempotency_key', 'UTF8')), 'hex');
    select k.msg_id into v_msg_id from casebase.job_keys k
    where k.queue = v_kind and k.key = enforcement.job_key(v_tenant_id, v_kind, v_key);
    if found then
        return v_msg_id;
    end if;
    perform enforcement.require_room_for_job(v_tenant_id, v_kind);
    return enforcement.enqueue_job(
        v_tenant_id, v_kind, v_key, v_job || jsonb_build_object('requested_by', enforcement.actor()),
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
    'judgment_id?, plaintiff_id?}, tenant_id?, delay_s?}; case_copilot needs payload.case_id. The job holds these ids, who asked as '
    'requested_by, and tenant_id. Returns the message''s id, the first one''s for a known key. A tenant has at most 1000 asked-for '
    'jobs waiting in a queue, 100 of case_copilot: 429 too_many_jobs. '
    'Without a token only where the tenant allows it: 403 anonymous_rpc_disabled, 413 payload_too_large, 429 rate_limited. '
    '403 operator_required; 404 case_not_found, judgment_not_found, plaintiff_not_found, tenant_not_found; 422 invalid_input.';

revoke execute on function enforcement.queue_job(jsonb), public.queue_job(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.queue_job(jsonb), public.queue_job(jsonb) to anon, authenticated, service_role;
