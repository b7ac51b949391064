-- Definer: the queue's tables belong to the owner, whoever asks for it.
-- An empty max_attempts leaves an existing queue's rule: seeds make queues, workers bring the handler's number.
create or replace function casebase.create_queue(queue text, max_attempts int default null) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    insert into casebase.queues as q (name, max_attempts)
    values (create_queue.queue, coalesce(create_queue.max_attempts, 5))
    on conflict (name) do update set max_attempts = create_queue.max_attempts
        where q.max_attempts <> create_queue.max_attempts;

    -- Asked first: pgmq.create takes an exclusive lock for its index even when all is there.
    if to_regclass(format('pgmq.%I', 'q_' || queue)) is null then
        perform pgmq.create(queue);
    end if;
end
$$;

comment on function casebase.create_queue(text, int) is 'Make a queue unless it exists; set how often its jobs may be started.';

revoke execute on function casebase.create_queue(text, int) from public;
grant execute on function casebase.create_queue(text, int) to casebase_api, service_role;
