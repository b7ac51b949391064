-- Definer: nobody has rights on the imports' tables.
-- A run that somebody works on is left to the next batch. By row number among those that still say something, which an
-- index of theirs finds, so a batch takes up where one ended.
create or replace function enforcement.erase_import_rows(batch_limit int) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_run enforcement.import_runs;
    v_erased int;
    v_staged int;
    v_is_complete boolean;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object",
        "required": ["batch_limit"],
        "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 5000}}
    }');
    select r.* into v_run from enforcement.import_runs r
    where r.raw_erased_at is null and r.started_at <= casebase.now() - interval '30 days'
    order by r.started_at limit 1 for no key update skip locked;
    if not found then
        return '{"subjects": 0, "is_more": false}'::jsonb;
    end if;
    with emptied as (
        update enforcement.import_rows i
        set raw = null, status = 'rejected',
            reasons = case when i.status = 'staged' then array['row: was not processed within 30 days'] else i.reasons end
        from (
            select k.row_number, k.status from enforcement.import_rows k
            where k.run_id = v_run.id and k.raw is not null order by k.row_number limit batch_limit
        ) k
        where i.run_id = v_run.id and i.row_number = k.row_number
        returning k.status
    )
    select count(*), count(*) filter (where e.status = 'staged') into v_erased, v_staged from emptied e;
    v_is_complete := v_erased < batch_limit;
    -- A run that was never done takes no more rows: they would be kept beyond their time. Its file may be imported anew.
    update enforcement.import_runs r
    set rejected_count = r.rejected_count + v_staged,
        raw_erased_at = case when v_is_complete then casebase.now() end,
        status = case when v_is_complete and r.status <> 'finished' then 'expired' else r.status end,
        finished_at = case when v_is_complete then coalesce(r.finished_at, casebase.now()) else r.finished_at end
    where r.id = v_run.id;
    perform casebase.note_erasure(
        'enforcement', 'import_rows', v_run.id, array[v_run.id],
        jsonb_build_object('enforcement.import_rows.raw', v_erased), v_is_complete);
    return jsonb_build_object('subjects', v_is_complete::int, 'is_more', true);
end
$$;

create or replace function public.erase_import_rows(batch_limit int) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.erase_import_rows(batch_limit)
$$;

comment on function public.erase_import_rows(int) is
    'Empty up to batch_limit (1 to 5000) rows of an import that began 30 days ago and more and that made no judgment; their '
    'numbers and reasons stay, and a run that was never done is expired. Returns {subjects (runs done), is_more}: call again while there is more. For the service alone; '
    '422 invalid_input.';

revoke execute on function enforcement.erase_import_rows(int), public.erase_import_rows(int)
from public, anon, authenticated, service_role;
grant execute on function enforcement.erase_import_rows(int), public.erase_import_rows(int) to service_role;
