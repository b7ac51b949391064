-- Invoker: the result's function runs as service_role, and a definer function may not change the role.
-- The deleted row is the fence and the lock: a worker that lost the job finds no row and changes nothing, and one that
-- has it keeps every other away until the result is committed with it.
create or replace function casebase.complete_job(
    queue text,
    msg_id bigint,
    read_ct int,
    function text default null,
    arguments jsonb default '{}'
) returns boolean
    language plpgsql
    set search_path = ''
as $$
begin
    perform from casebase.complete_jobs(queue, array[msg_id], array[read_ct]);
    if not found then
        return false;
    end if;
    if function is not null then
        perform set_config('request.jwt.claims', '{"role": "service_role"}', true),
                set_config('role', 'service_role', true);
        execute format('select %I.%I(payload => $1)', split_part(function, '.', 1), split_part(function, '.', 2))
            using arguments;
        perform set_config('role', 'none', true);
    end if;
    return true;
end
$$;

comment on function casebase.complete_job(text, bigint, int, text, jsonb) is
    'Write a job''s result and acknowledge it in one transaction: run <schema>.<function>(payload => arguments) as '
    'service_role. False, and nothing written, when the job is no longer the caller''s.';

revoke execute on function casebase.complete_job(text, bigint, int, text, jsonb) from public;
grant execute on function casebase.complete_job(text, bigint, int, text, jsonb) to casebase_api;
