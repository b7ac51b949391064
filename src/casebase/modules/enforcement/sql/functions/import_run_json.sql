create or replace function enforcement.import_run_json(run enforcement.import_runs) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'import_run_id', run.id,
        'source', run.source,
        'file_name', run.file_name,
        'status', run.status,
        'row_count', run.row_count,
        'created', run.created_count,
        'known', run.known_count,
        'rejected', run.rejected_count,
        'created_by', run.created_by,
        'started_at', run.started_at,
        'finished_at', run.finished_at)
$$;

comment on function enforcement.import_run_json(enforcement.import_runs) is 'An import run as replies tell it.';

revoke execute on function enforcement.import_run_json(enforcement.import_runs) from public;
