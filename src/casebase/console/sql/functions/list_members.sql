-- Definer: the e-mails of members are in auth.users, which no client reads.
create or replace function casebase.list_members(tenant_id uuid, cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
#variable_conflict use_variable
declare
    v_after record;
    v_members public.tenant_users[];
    v_next public.tenant_users;
begin
    perform casebase.require_tenant_administrator(tenant_id);
    perform casebase.require_page_size(page_size);
    select coalesce(c.at, '-infinity') as at, coalesce(c.id, '00000000-0000-0000-0000-000000000000') as id
    into strict v_after from casebase.read_cursor(cursor) c;
    -- One row more than asked for tells whether there is a next page, and where it begins.
    v_members := array(
        select m from public.tenant_users m
        where m.tenant_id = tenant_id and (m.created_at, m.user_id) >= (v_after.at, v_after.id)
        order by m.created_at, m.user_id
        limit page_size + 1);
    v_next := v_members[page_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'user_id', m.user_id, 'email', u.email, 'role', m.role, 'joined_at', m.created_at,
                'last_sign_in_at', u.last_sign_in_at) order by m.created_at, m.user_id), '[]')
            from unnest(v_members[:page_size]) m
            join auth.users u on u.id = m.user_id),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.user_id));
end
$$;

create or replace function public.list_members(tenant_id uuid, cursor text default null, page_size int default 100) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.list_members(tenant_id, cursor, page_size)
$$;

comment on function public.list_members(uuid, text, int) is
    'A page of a tenant''s members in the order they joined, at most 200: {items: [{user_id, email, role, joined_at, '
    'last_sign_in_at}], next_cursor}. For its owners and admins, and the service. 403 administrator_required; 404 '
    'tenant_not_found; 422 invalid_input.';

revoke execute on function casebase.list_members(uuid, text, int), public.list_members(uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function casebase.list_members(uuid, text, int), public.list_members(uuid, text, int)
to authenticated, service_role;
