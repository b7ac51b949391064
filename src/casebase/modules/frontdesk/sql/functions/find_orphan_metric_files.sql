-- Definer: archives are granted to nobody. What is named for an archive that is not here belongs to another installation
-- that keeps its files in the same place.
create or replace function frontdesk.find_orphan_metric_files(paths text[]) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce(jsonb_agg(p), '[]')
    from unnest(paths) p
    join frontdesk.metric_archives m on m.id::text = split_part(p, '/', 3)
    where starts_with(p, 'frontdesk/metrics/')
      and not exists (select from frontdesk.metric_archive_parts a where a.path = p)
$$;

create or replace function public.find_orphan_metric_files(paths text[]) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.find_orphan_metric_files(paths)
$$;

comment on function public.find_orphan_metric_files(text[]) is
    'Which of some paths of the file store are no part of an archive of metrics: an export that died left them. For the service.';

revoke execute on function frontdesk.find_orphan_metric_files(text[]), public.find_orphan_metric_files(text[])
from public, anon, authenticated, service_role;
grant execute on function frontdesk.find_orphan_metric_files(text[]), public.find_orphan_metric_files(text[]) to service_role;
