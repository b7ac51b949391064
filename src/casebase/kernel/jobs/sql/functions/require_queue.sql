create or replace function casebase.require_queue(queue text) returns void
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    if not exists (select from casebase.queues q where q.name = queue) then
        perform casebase.fail(404, 'queue_not_found', '{"errors": [{"field": "queue", "rule": "exists", "message": "is not a queue"}]}',
            'List the queues with `casebase jobs list`; a module makes its own in seed.sql with casebase.create_queue.');
    end if;
end
$$;

comment on function casebase.require_queue(text) is 'Refuse the name of a queue that does not exist: 404 queue_not_found.';

revoke execute on function casebase.require_queue(text) from public;
