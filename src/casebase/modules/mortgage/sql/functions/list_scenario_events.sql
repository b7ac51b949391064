-- Invoker: row level security decides which case is found.
create or replace function mortgage.list_scenario_events(case_id uuid, event_types text[], cursor text, page_size int)
    returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_case public.scenario_cases;
    v_types public.scenario_event_type[];
    v_after text[];
    v_items jsonb;
    v_last jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('event_types', event_types, 'cursor', cursor, 'page_size', page_size),
        jsonb_build_object(
            'type', 'object',
            'required', '["page_size"]'::jsonb,
            'properties', jsonb_build_object(
                'event_types', jsonb_build_object('type', 'array', 'maxItems', 20, 'items', jsonb_build_object(
                    'type', 'string', 'enum', to_jsonb(enum_range(null::public.scenario_event_type)))),
                'cursor', '{"type": "string", "pattern": "^[0-9]{1,17}[.][0-9]{1,18}$",
                            "description": "must be a next_cursor"}'::jsonb,
                'page_size', '{"type": "integer", "minimum": 1, "maximum": 200}'::jsonb)));
    select c.* into v_case from public.scenario_cases c where c.id = case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    v_types := coalesce(nullif(event_types, '{}')::public.scenario_event_type[], enum_range(null::public.scenario_event_type));
    v_after := string_to_array(cursor, '.');

    select coalesce(jsonb_agg(jsonb_build_object(
               'event_type', e.event_type, 'payload', e.payload_json, 'occurred_at', e.occurred_at,
               'cursor', (extract(epoch from e.occurred_at) * 1000000)::bigint || '.' || e.position)
               order by e.occurred_at desc, e.position desc), '[]')
    into v_items
    from (
        select * from public.scenario_events n
        where n.case_id = v_case.id and n.tenant_id = v_case.tenant_id
          and n.event_type = any (v_types)
          and (v_after is null or (n.occurred_at, n.position) <
              (timestamptz 'epoch' + v_after[1]::bigint * interval '1 microsecond', v_after[2]::bigint))
        order by n.occurred_at desc, n.position desc
        limit page_size + 1
    ) e;

    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', (select coalesce(jsonb_agg(i - 'cursor' order by o), '[]') from jsonb_array_elements(v_items) with ordinality a (i, o)),
        'next_cursor', v_last ->> 'cursor');
end
$$;

create or replace function public.list_scenario_events(
    case_id uuid,
    event_types text[] default null,
    cursor text default null,
    page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_scenario_events(case_id, event_types, cursor, page_size)
$$;

comment on function public.list_scenario_events(uuid, text[], text, int) is
    'A page of a case''s timeline, newest first: {items [{event_type, payload, occurred_at}], next_cursor}. 404 case_not_found.';

revoke execute on function
    mortgage.list_scenario_events(uuid, text[], text, int), public.list_scenario_events(uuid, text[], text, int) from public, anon, authenticated, service_role;
grant execute on function
    mortgage.list_scenario_events(uuid, text[], text, int), public.list_scenario_events(uuid, text[], text, int)
    to authenticated, service_role;
