-- A tenant that is not here belongs to another installation that keeps its files in the same place: not ours to sweep.
create or replace function enforcement.find_orphan_enforcement_documents(paths text[]) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_agg(p.path), '[]')
    from unnest(paths) p (path)
    join public.tenants t on t.id::text = split_part(p.path, '/', 2)
    where starts_with(p.path, 'enforcement/')
      and not exists (select from public.enforcement_documents d where d.storage_path = p.path)
$$;

create or replace function public.find_orphan_enforcement_documents(paths text[]) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.find_orphan_enforcement_documents(paths)
$$;

comment on function public.find_orphan_enforcement_documents(text[]) is
    'Those of the file store''s paths that no document of our tenants refers to: left by an upload that died. Service only.';

revoke execute on function enforcement.find_orphan_enforcement_documents(text[]), public.find_orphan_enforcement_documents(text[])
from public, anon, authenticated, service_role;
grant execute on function enforcement.find_orphan_enforcement_documents(text[]), public.find_orphan_enforcement_documents(text[])
to service_role;
