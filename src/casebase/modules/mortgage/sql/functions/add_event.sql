-- The one way onto the timeline for what comes from outside: the payload is scrubbed here, whoever called.
create or replace function mortgage.add_event(
    case_row public.scenario_cases,
    event_type public.scenario_event_type,
    payload jsonb,
    occurred_at timestamptz default null
) returns uuid
    language plpgsql
    set search_path = ''
as $$
declare
    v_event_id uuid;
begin
    insert into public.scenario_events (tenant_id, case_id, event_type, payload_json, occurred_at)
    values (case_row.tenant_id, case_row.id, add_event.event_type,
            casebase.scrub_json(payload, mortgage.subject_of(case_row.lead_id)),
            coalesce(add_event.occurred_at, casebase.now()))
    returning id into v_event_id;
    perform casebase.notify_live(case_row.tenant_id, 'mortgage.case', case_row.id);
    return v_event_id;
end
$$;

comment on function mortgage.add_event(public.scenario_cases, public.scenario_event_type, jsonb, timestamptz) is
    'Write an event of a case, its payload scrubbed of personal data, tell open pages, and return its id.';

revoke execute on function mortgage.add_event(public.scenario_cases, public.scenario_event_type, jsonb, timestamptz) from public;
