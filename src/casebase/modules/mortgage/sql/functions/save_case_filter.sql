-- Definer: the table is unexposed. A person's filters are theirs: auth.uid() is the key, no argument.
create or replace function mortgage.save_case_filter(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_filter mortgage.saved_filters;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["tenant_id", "name", "query"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "minLength": 1, "maxLength": 60},
            "query": {
                "type": "object",
                "properties": {
                    "status": {"type": "string", "maxLength": 40},
                    "recommendation": {"type": "string", "maxLength": 40},
                    "tag": {"type": "string", "maxLength": 41},
                    "review": {"type": "string", "maxLength": 40},
                    "consent": {"type": "string", "maxLength": 40},
                    "decision": {"type": "string", "maxLength": 40},
                    "opened_on": {"type": "string", "format": "date"},
                    "happened": {"type": "string", "maxLength": 40},
                    "from_day": {"type": "string", "format": "date"},
                    "to_day": {"type": "string", "format": "date"},
                    "search": {"type": "string", "maxLength": 20},
                    "sort": {"type": "string", "maxLength": 40}
                }
            }
        }
    }');
    if not (payload ->> 'tenant_id')::uuid = any (mortgage.staff_tenants()) then
        perform casebase.fail(403, 'forbidden', '{}', 'Ask an owner of the tenant for a staff role.');
    end if;
    if (
        select count(*) from mortgage.saved_filters f
        where f.user_id = auth.uid() and f.tenant_id = (payload ->> 'tenant_id')::uuid and f.name <> btrim(payload ->> 'name')
    ) >= 50 then
        perform casebase.fail(409, 'too_many_saved_filters', '{"field": "name"}', 'Delete one that is no longer needed.');
    end if;

    insert into mortgage.saved_filters as f (tenant_id, user_id, name, query_json)
    values ((payload ->> 'tenant_id')::uuid, auth.uid(), casebase.scrub_text(btrim(payload ->> 'name')),
            casebase.scrub_json(jsonb_strip_nulls(payload -> 'query')))
    on conflict on constraint one_name_a_person do update set query_json = excluded.query_json
    returning * into v_filter;
    return jsonb_build_object('filter_id', v_filter.id, 'name', v_filter.name, 'query', v_filter.query_json);
end
$$;

create or replace function public.save_case_filter(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.save_case_filter(payload)
$$;

comment on function public.save_case_filter(jsonb) is
    'Keep the caller''s filters of list_scenario_cases under a name, replacing those of that name: {tenant_id, name, query}. '
    'Returns {filter_id, name, query}. 403 forbidden; 409 too_many_saved_filters above 50; 422 invalid_input.';

revoke execute on function mortgage.save_case_filter(jsonb), public.save_case_filter(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.save_case_filter(jsonb), public.save_case_filter(jsonb) to authenticated;
