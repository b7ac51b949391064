-- The one way onto a case's events. The notification only wakes listeners; the outbox remembers for them.
create or replace function enforcement.add_event(
    case_row public.enforcement_cases,
    event_kind public.enforcement_event_kind,
    payload jsonb,
    actor text,
    actor_type public.enforcement_actor_type,
    document_path text default null,
    related_task_id uuid default null,
    occurred_at timestamptz default null,
    facts jsonb default '{}'
) returns uuid
    language plpgsql
    set search_path = ''
as $$
declare
    v_event_id uuid;
begin
    perform enforcement.require_document(case_row, event_kind, document_path);
    insert into public.enforcement_events (
        tenant_id, enforcement_case_id, event_kind, needs_document, document_path, related_task_id, payload, actor,
        actor_type, occurred_at)
    select case_row.tenant_id, case_row.id, k.event_kind, k.needs_document, add_event.document_path,
           add_event.related_task_id, enforcement.clean_json(case_row.judgment_id, add_event.payload) || add_event.facts,
           add_event.actor, add_event.actor_type, coalesce(add_event.occurred_at, casebase.now())
    from enforcement.event_kinds k
    where k.event_kind = add_event.event_kind
    returning id into v_event_id;
    if document_path is not null then
        perform enforcement.attach_document(case_row, v_event_id, event_kind::text, document_path, actor);
    end if;

    insert into enforcement.event_outbox (event_id, tenant_id) values (v_event_id, case_row.tenant_id);
    perform pg_notify('enforcement_events_channel', jsonb_build_object(
                'event_id', v_event_id, 'case_id', case_row.id, 'tenant_id', case_row.tenant_id,
                'event_kind', add_event.event_kind)::text),
            casebase.notify_live(case_row.tenant_id, 'enforcement.case', case_row.id);
    return v_event_id;
end
$$;

comment on function enforcement.add_event(
    public.enforcement_cases, public.enforcement_event_kind, jsonb, text, public.enforcement_actor_type, text, uuid, timestamptz, jsonb) is
    'Write an event of a case and return its id: the caller''s payload scrubbed, our own facts beside it as they are (a debtor '
    'may be called as a stage is), its document tied to it. Notifies enforcement_events_channel with ids only. '
    '422 document_path; 409 too_many_documents.';

revoke execute on function enforcement.add_event(
    public.enforcement_cases, public.enforcement_event_kind, jsonb, text, public.enforcement_actor_type, text, uuid, timestamptz, jsonb)
from public;
