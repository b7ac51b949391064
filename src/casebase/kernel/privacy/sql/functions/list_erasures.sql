-- Definer: receipts are read by the service and, through this, by the command line.
create or replace function casebase.list_erasures()
    returns table (module text, rule text, subject_count bigint, unfinished_count bigint, last_finished_at timestamptz)
    language sql stable security definer
    set search_path = ''
as $$
    select r.module, r.rule, count(*), count(*) filter (where r.finished_at is null), max(r.finished_at)
    from casebase.erasure_receipts r
    group by r.module, r.rule
    order by 1, 2
$$;

comment on function casebase.list_erasures() is 'How many subjects each retention rule has erased, how many of them unfinished, and when last.';

revoke execute on function casebase.list_erasures() from public;
grant execute on function casebase.list_erasures() to casebase_api, service_role;
