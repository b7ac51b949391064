create or replace function practice.is_stale(answer practice.answers) returns boolean
    language sql stable
    set search_path = ''
as $$
    select answer.status = 'running' and answer.beat_at < casebase.now() - interval '20 seconds'
$$;

comment on function practice.is_stale(practice.answers) is
    'Whether the process that makes an answer is gone: it tells every five seconds that it is there.';

revoke execute on function practice.is_stale(practice.answers) from public;
