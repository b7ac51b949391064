-- Definer: the service sees all tenants and their members' number, a person their own.
create or replace function casebase.list_tenants(cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
#variable_conflict use_variable
declare
    v_is_service constant boolean := casebase.calling_role() = 'service_role';
    v_own constant uuid[] := casebase.member_tenants();
    v_after record;
    v_tenants public.tenants[];
    v_next public.tenants;
begin
    perform casebase.require_page_size(page_size);
    select coalesce(c.at, '-infinity') as at, coalesce(c.id, '00000000-0000-0000-0000-000000000000') as id
    into strict v_after from casebase.read_cursor(cursor) c;
    v_tenants := array(
        select t from public.tenants t
        where (v_is_service or t.id = any (v_own)) and (t.created_at, t.id) >= (v_after.at, v_after.id)
        order by t.created_at, t.id
        limit page_size + 1);
    v_next := v_tenants[page_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'tenant_id', t.id, 'slug', t.slug, 'name', t.name, 'created_at', t.created_at,
                'role', (select m.role from public.tenant_users m where m.tenant_id = t.id and m.user_id = auth.uid()),
                'member_count', (select count(*) from public.tenant_users m where m.tenant_id = t.id))
                order by t.created_at, t.id), '[]')
            from unnest(v_tenants[:page_size]) t),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_tenants(cursor text default null, page_size int default 100) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.list_tenants(cursor, page_size)
$$;

comment on function public.list_tenants(text, int) is
    'A page of the caller''s tenants, for the service of all, the oldest first, at most 200: {items: [{tenant_id, slug, name, '
    'created_at, role, member_count}], next_cursor}; role is the caller''s. 422 invalid_input.';

revoke execute on function casebase.list_tenants(text, int), public.list_tenants(text, int)
from public, anon, authenticated, service_role;
grant execute on function casebase.list_tenants(text, int), public.list_tenants(text, int) to authenticated, service_role;
