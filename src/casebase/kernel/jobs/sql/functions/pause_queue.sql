-- Definer: only this one column may be changed from outside.
create or replace function casebase.pause_queue(queue text, is_paused boolean default true) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.require_queue(queue);
    update casebase.queues q set is_paused = pause_queue.is_paused where q.name = queue;
    perform pg_notify('casebase_jobs', queue);
end
$$;

comment on function casebase.pause_queue(text, boolean) is
    'Stop handing out a queue''s jobs, or begin again; it goes on taking new ones, and running ones end.';

revoke execute on function casebase.pause_queue(text, boolean) from public;
grant execute on function casebase.pause_queue(text, boolean) to casebase_api, service_role;
