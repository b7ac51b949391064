-- Queues are every tenant's, so that what one of them asks for at once must not hold up the others' for long. Only what was
-- asked for counts, by the index <queue>_requested_idx: a night's own jobs are as many as there are cases.
create or replace function enforcement.require_room_for_job(tenant_id uuid, kind text) returns void
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_most int := case kind when 'case_copilot' then 100 else 1000 end;
    v_count int;
begin
    execute format(
        $sql$
        select count(*) from (
            select from pgmq.%I q where q.message ? 'requested_by' and q.message ->> 'tenant_id' = $1 limit $2) j
        $sql$, 'q_' || kind)
    into v_count using tenant_id::text, v_most;
    if v_count >= v_most then
        perform casebase.fail(429, 'too_many_jobs', jsonb_build_object('retry_after', 60, 'limit', v_most),
            'Ask again when some of those that wait are done.');
    end if;
end
$$;

comment on function enforcement.require_room_for_job(uuid, text) is
    'Refuse a tenant''s next job where a thousand that were asked for wait in the queue already, a hundred of case_copilot: '
    '429 too_many_jobs.';

revoke execute on function enforcement.require_room_for_job(uuid, text) from public;
