drop function public.plan_scenario_document(jsonb);
drop function public.get_document_masking(uuid);
drop function public.add_scenario_document(jsonb);
drop function public.list_scenario_documents(uuid);
drop function public.open_scenario_document(uuid);
drop function public.remove_scenario_document(uuid);
drop function public.find_orphan_documents(text[]);
drop function mortgage.document_json(public.scenario_documents);
drop function mortgage.require_room_for_document(public.scenario_cases);

select pgmq.drop_queue('mortgage_documents');
delete from casebase.schedules where queue = 'mortgage_documents';
delete from casebase.queues where name = 'mortgage_documents';

-- What checks a dropped column goes with it.
alter table public.scenario_documents
    drop column content_type, drop column size_bytes, drop column sha256, drop column page_count,
    drop column uploaded_by,
    alter column expires_at drop not null,
    drop constraint doc_type_is_known,
    drop constraint storage_path_is_of_the_case;
