-- Definer: pgmq's tables belong to the owner.
create or replace function casebase.seconds_until_due(queue text) returns double precision
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_due_at timestamptz;
begin
    if exists (select from casebase.queues q where q.name = queue and not q.is_paused) then
        execute format('select min(m.vt) from pgmq.%I m', 'q_' || queue) into v_due_at;
    end if;
    return extract(epoch from v_due_at - clock_timestamp())::double precision;
end
$$;

comment on function casebase.seconds_until_due(text) is
    'How long until the next job of a queue is due: delayed, to be retried, or held by a worker that may be gone. Null: none.';

revoke execute on function casebase.seconds_until_due(text) from public;
grant execute on function casebase.seconds_until_due(text) to casebase_api, service_role;
