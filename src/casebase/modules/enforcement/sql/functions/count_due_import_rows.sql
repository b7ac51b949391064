-- Definer: nobody has rights on the imports' tables.
create or replace function enforcement.count_due_import_rows() returns bigint
    language sql stable security definer
    set search_path = ''
as $$
    select count(*) from enforcement.import_runs r
    where r.raw_erased_at is null and r.started_at <= casebase.now() - interval '30 days'
$$;

create or replace function public.count_due_import_rows() returns bigint
    language sql stable
    set search_path = ''
as $$
    select enforcement.count_due_import_rows()
$$;

comment on function public.count_due_import_rows() is
    'How many import runs still wait for erase_import_rows. For the service alone.';

revoke execute on function enforcement.count_due_import_rows(), public.count_due_import_rows()
from public, anon, authenticated, service_role;
grant execute on function enforcement.count_due_import_rows(), public.count_due_import_rows() to service_role;
