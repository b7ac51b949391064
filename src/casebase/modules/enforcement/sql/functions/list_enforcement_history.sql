-- Definer, and the tenant asked for first: the index gives one tenant's rows in order, a policy's several it would sort.
create or replace function enforcement.list_enforcement_history(tenant_id uuid, cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := enforcement.reading_tenant(tenant_id);
    v_after text[];
    v_items jsonb;
    v_last jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('cursor', cursor, 'page_size', page_size),
        '{
            "type": "object",
            "required": ["page_size"],
            "properties": {
                "cursor": {"type": "string", "maxLength": 400, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
            }
        }');
    v_after := enforcement.read_cursor(cursor, array['timestamptz', 'bigint']);

    select coalesce(jsonb_agg(jsonb_build_object(
               'history_id', h.id, 'case_id', h.enforcement_case_id, 'reference', c.reference, 'change', h.change,
               'delta', h.delta, 'note', h.note, 'actor', h.actor, 'actor_type', h.actor_type, 'created_at', h.created_at,
               'position', h.position) order by h.created_at desc, h.position desc), '[]')
    into v_items
    from (
        select * from public.enforcement_history n
        where n.tenant_id = v_tenant_id
          and (n.created_at, n.position) < (coalesce(v_after[1]::timestamptz, 'infinity'), coalesce(v_after[2]::bigint, 0))
        order by n.created_at desc, n.position desc
        limit page_size + 1
    ) h
    join public.enforcement_cases c on c.id = h.enforcement_case_id and c.tenant_id = h.tenant_id;

    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', (select coalesce(jsonb_agg(i - 'position' order by o), '[]') from jsonb_array_elements(v_items) with ordinality a (i, o)),
        'next_cursor', enforcement.write_cursor(
            case when v_last is not null then array[v_last ->> 'created_at', v_last ->> 'position'] end));
end
$$;

create or replace function public.list_enforcement_history(
    tenant_id uuid default null, cursor text default null, page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_enforcement_history(tenant_id, cursor, page_size)
$$;

comment on function public.list_enforcement_history(uuid, text, int) is
    'A page of all that was changed on a tenant''s cases, newest first: {items [{history_id, case_id, reference, change, delta, '
    'note, actor, actor_type, created_at}], next_cursor}. Members too. 403 forbidden; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.list_enforcement_history(uuid, text, int), public.list_enforcement_history(uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_enforcement_history(uuid, text, int), public.list_enforcement_history(uuid, text, int)
to authenticated, service_role;
