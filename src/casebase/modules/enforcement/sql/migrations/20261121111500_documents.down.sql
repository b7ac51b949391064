drop function public.log_enforcement_event(jsonb);
drop function public.queue_enforcement_action(jsonb);
drop function public.issue_subpoena(jsonb);
drop function public.record_subpoena_response(jsonb);
drop function public.open_next_enforcement_action(uuid);
drop function public.open_due_enforcement_actions(uuid, uuid, int);
drop function public.fan_out_enforcement_events(int);
drop function public.plan_enforcement_document(jsonb);
drop function public.add_enforcement_document(jsonb);
drop function public.list_enforcement_documents(uuid);
drop function public.open_enforcement_document(uuid);
drop function public.find_orphan_enforcement_documents(text[]);

select pgmq.drop_queue('enforcement_documents')
where exists (select from casebase.queues where name = 'enforcement_documents');
delete from casebase.schedules where queue = 'enforcement_documents';
delete from casebase.queues where name = 'enforcement_documents';

-- What checks a dropped column goes with it.
alter table public.enforcement_documents
    drop constraint one_document_a_path_of_a_case,
    drop column content_type, drop column size_bytes, drop column sha256;
alter table enforcement.event_kinds drop column is_taken_when_closed;
