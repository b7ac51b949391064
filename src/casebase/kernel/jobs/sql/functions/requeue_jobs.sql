-- Definer: pgmq's tables belong to the owner.
create or replace function casebase.requeue_jobs(queue text, msg_ids bigint[] default null) returns setof bigint
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.require_queue(queue);
    return query
        with dead as (
            delete from casebase.dead_jobs d
            where d.queue = requeue_jobs.queue and (msg_ids is null or d.msg_id = any (msg_ids))
            returning d.msg_id, d.payload
        )
        select s.msg_id
        from (select d.payload from dead d order by d.msg_id offset 0) d
        cross join lateral pgmq.send(queue, d.payload, 0) as s (msg_id);
    perform pg_notify('casebase_jobs', queue);
end
$$;

comment on function casebase.requeue_jobs(text, bigint[]) is
    'Give a queue''s dead jobs (all, or those named) a fresh start and return their new ids: a new life has a new fence.';

revoke execute on function casebase.requeue_jobs(text, bigint[]) from public;
grant execute on function casebase.requeue_jobs(text, bigint[]) to casebase_api, service_role;
