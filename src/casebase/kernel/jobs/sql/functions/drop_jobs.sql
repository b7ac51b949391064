-- Definer: pgmq's tables belong to the owner. Jobs that a worker holds are left to it.
create or replace function casebase.drop_jobs(queue text) returns bigint
    language plpgsql security definer
    set search_path = ''
    set jit = off
as $$
declare
    v_count bigint;
begin
    perform casebase.require_queue(queue);
    execute format(
        'with waiting as (
                  select m.msg_id from pgmq.%1$I m
                  where m.vt <= clock_timestamp() or m.read_ct = 0
                     or exists (select from casebase.job_failures f
                                where f.queue = $1 and f.msg_id = m.msg_id and f.read_ct = m.read_ct)
                  for update skip locked
              ),
              gone as (delete from pgmq.%1$I m using waiting w where m.msg_id = w.msg_id returning m.msg_id),
              told as (delete from casebase.job_failures f using gone where f.queue = $1 and f.msg_id = gone.msg_id)
         select count(*) from gone', 'q_' || queue)
        into v_count using queue;
    return v_count;
end
$$;

comment on function casebase.drop_jobs(text) is 'Delete the waiting jobs of a queue for good and return how many there were.';

revoke execute on function casebase.drop_jobs(text) from public;
grant execute on function casebase.drop_jobs(text) to casebase_api, service_role;
