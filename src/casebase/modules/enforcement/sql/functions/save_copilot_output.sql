-- Definer: nobody writes to the table. Called by casebase.complete_job, in the transaction that ends the job.
create or replace function enforcement.save_copilot_output(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["job_id", "case_id", "model", "is_extractive", "summary", "sources"],
        "properties": {
            "job_id": {"type": "integer", "minimum": 1},
            "case_id": {"type": "string", "format": "uuid"},
            "model": {"type": "string", "minLength": 1, "maxLength": 200},
            "is_extractive": {"type": "boolean"},
            "summary": {"type": "string", "minLength": 1, "maxLength": 20000},
            "sources": {"type": "array", "maxItems": 200, "items": {"type": "object", "maxBytes": 1000}},
            "requested_by": {"type": "string", "maxLength": 120},
            "requested_at": {"type": "string", "format": "date-time"}
        }
    }');

    select c.* into v_case from public.enforcement_cases c where c.id = (payload ->> 'case_id')::uuid;
    -- Removed while the model was thinking: there is nothing left to say it of.
    if not found then
        return;
    end if;
    -- A model may say what it was not told.
    insert into public.case_copilot_outputs (
        tenant_id, enforcement_case_id, job_id, model, is_extractive, summary, sources, requested_by, requested_at)
    values (
        v_case.tenant_id, v_case.id, (payload ->> 'job_id')::bigint, payload ->> 'model',
        (payload ->> 'is_extractive')::boolean,
        coalesce(left(enforcement.clean_text(v_case.judgment_id, payload ->> 'summary'), 20000), '-'),
        payload -> 'sources', coalesce(payload ->> 'requested_by', 'service'),
        coalesce((payload ->> 'requested_at')::timestamptz, casebase.now()))
    on conflict on constraint one_output_a_job do nothing;
    perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
end
$$;

comment on function enforcement.save_copilot_output(jsonb) is
    'Keep what the copilot said of a case, {job_id, case_id, model, is_extractive, summary, sources, requested_by?, '
    'requested_at?}, scrubbed; once a job.';

revoke execute on function enforcement.save_copilot_output(jsonb) from public;
grant execute on function enforcement.save_copilot_output(jsonb) to service_role;
