create or replace function casebase.notify_live(tenant_id uuid, topic text, subject_id uuid) returns void
    language sql
    set search_path = ''
as $$
    select pg_notify('casebase_live',
        json_build_object('tenant_id', tenant_id, 'topic', topic, 'subject_id', subject_id)::text)
$$;

comment on function casebase.notify_live(uuid, text, uuid) is
    'Tell open console pages, after commit, that a subject changed: ids only, who may see it is asked when it is read.';

revoke execute on function casebase.notify_live(uuid, text, uuid) from public;
grant execute on function casebase.notify_live(uuid, text, uuid) to service_role;
