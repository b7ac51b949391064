-- Invoker: row level security decides which case is found.
create or replace function enforcement.list_enforcement_timeline(case_id uuid, kinds text[], cursor text, page_size int)
    returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_after text[];
    v_items jsonb;
    v_last jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('kinds', kinds, 'cursor', cursor, 'page_size', page_size),
        '{
            "type": "object",
            "required": ["page_size"],
            "properties": {
                "kinds": {"type": "array", "maxItems": 4, "items": {"type": "string", "enum": ["event", "history", "task", "action"]}},
                "cursor": {"type": "string", "maxLength": 400, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
            }
        }');
    perform from public.enforcement_cases c where c.id = case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    v_after := enforcement.read_cursor(cursor, array['timestamptz', 'text', 'bigint', 'uuid']);

    -- What was written in one instant: the event first, then what it changed.
    select coalesce(jsonb_agg(to_jsonb(l) - array['tenant_id', 'case_id'] order by l.occurred_at desc, l.entry, l.position desc, l.entry_id), '[]')
    into v_items
    from (
        select * from public.v_enforcement_timeline t
        where t.case_id = list_enforcement_timeline.case_id
          and (coalesce(kinds, '{}') = '{}' or t.entry = any (kinds))
          and (v_after is null or t.occurred_at < v_after[1]::timestamptz
               or t.occurred_at = v_after[1]::timestamptz and (
                   t.entry > v_after[2] or t.entry = v_after[2] and (
                       t.position < v_after[3]::bigint or t.position = v_after[3]::bigint and t.entry_id > v_after[4]::uuid)))
        order by t.occurred_at desc, t.entry, t.position desc, t.entry_id
        limit page_size + 1
    ) l;

    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', (select coalesce(jsonb_agg(i - 'position' order by o), '[]') from jsonb_array_elements(v_items) with ordinality a (i, o)),
        'next_cursor', enforcement.write_cursor(case when v_last is not null then array[
            v_last ->> 'occurred_at', v_last ->> 'entry', v_last ->> 'position', v_last ->> 'entry_id'] end));
end
$$;

create or replace function public.list_enforcement_timeline(
    case_id uuid,
    kinds text[] default null,
    cursor text default null,
    page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_enforcement_timeline(case_id, kinds, cursor, page_size)
$$;

comment on function public.list_enforcement_timeline(uuid, text[], text, int) is
    'A page of a case''s timeline, newest first: {items [{entry, entry_id, occurred_at, kind, status, detail, note, actor, '
    'actor_type, document_path}], next_cursor}. kinds: event, history, task, action; all unless told. Members too. '
    '404 case_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.list_enforcement_timeline(uuid, text[], text, int), public.list_enforcement_timeline(uuid, text[], text, int)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_enforcement_timeline(uuid, text[], text, int), public.list_enforcement_timeline(uuid, text[], text, int)
to authenticated, service_role;
