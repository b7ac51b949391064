create or replace function practice.note_cleanup(job text, "count" int) returns void
    language sql
    set search_path = ''
as $$
    select practice.write_log(
        case when "count" > 0 then 'info' else 'debug' end, 'cleanup_job_executed',
        metadata => jsonb_build_object('job', job, 'count', "count"))
$$;

comment on function practice.note_cleanup(text, int) is
    'Note a batch of a cleanup; one that found nothing too, as it shows that the cleanup runs.';

revoke execute on function practice.note_cleanup(text, int) from public;
