-- Definer: anonymous callers, where a tenant allows them, have no rights of their own.
-- Of a case one request waits at a time; once a worker has it, the next is a job of its own: what a case looks like changes.
create or replace function enforcement.request_case_copilot(case_id uuid, requested_by text) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_msg_id bigint;
begin
    select c.* into v_case from public.enforcement_cases c where c.id = request_case_copilot.case_id;
    if casebase.calling_role() = 'anon' then
        perform enforcement.admit_anonymous(v_case.tenant_id, to_jsonb(requested_by));
    else
        perform enforcement.require_operator(v_case.tenant_id, 'case_not_found', 'case_id');
    end if;
    if v_case.id is null then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    perform casebase.require_valid(jsonb_build_object('requested_by', requested_by), '{
        "type": "object", "properties": {"requested_by": {"type": "string", "maxLength": 120}}}');

    -- Of fifty at once, the first makes the job that the others find.
    perform from public.enforcement_cases c where c.id = v_case.id for no key update;
    select min(q.msg_id) into v_msg_id from pgmq.q_case_copilot q
    where q.message ? 'requested_by' and q.message ->> 'tenant_id' = v_case.tenant_id::text
      and q.message ->> 'case_id' = v_case.id::text and q.read_ct = 0 and q.vt <= clock_timestamp();
    if v_msg_id is not null then
        return v_msg_id;
    end if;
    perform enforcement.require_room_for_job(v_case.tenant_id, 'case_copilot');
    return enforcement.enqueue_job(
        v_case.tenant_id, 'case_copilot', gen_random_uuid()::text,
        jsonb_build_object(
            'case_id', v_case.id,
            'case_number', (select d.case_number from judgments.cases d
                            where d.judgment_id = v_case.judgment_id and d.tenant_id = v_case.tenant_id),
            'requested_by', enforcement.actor(requested_by),
            'requested_at', casebase.now()));
end
$$;

create or replace function public.request_case_copilot(case_id uuid, requested_by text default null) returns bigint
    language sql
    set search_path = ''
as $$
    select enforcement.request_case_copilot(case_id, requested_by)
$$;

comment on function public.request_case_copilot(uuid, text) is
    'Ask the copilot about a case; what it says is in v_case_copilot_latest, for the service alone. Returns the id of the '
    'job, the waiting one''s if the case has one, whose payload is {case_id, case_number, requested_by, requested_at, tenant_id}. Without a token only where the '
    'tenant allows it: 403 anonymous_rpc_disabled, 413 payload_too_large, 429 rate_limited. 429 too_many_jobs, 100 waiting ones a tenant; 404 case_not_found; 403 '
    'operator_required; 422 invalid_input.';

revoke execute on function enforcement.request_case_copilot(uuid, text), public.request_case_copilot(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function enforcement.request_case_copilot(uuid, text), public.request_case_copilot(uuid, text)
to anon, authenticated, service_role;
