create or replace function public.create_greeting(payload jsonb) returns jsonb
    language plpgsql
    set search_path = ''
as $$
declare
    v_id uuid;
begin
    perform casebase.require_valid(payload, '{
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 80}}
    }');
    insert into public.greetings (name) values (payload ->> 'name') returning id into v_id;
    perform casebase.enqueue('toy_greeting', jsonb_build_object('id', v_id, 'name', payload ->> 'name'));
    return jsonb_build_object('id', v_id);
end
$$;

comment on function public.create_greeting(jsonb) is 'Ask for a greeting of {name}; returns its id.';

revoke execute on function public.create_greeting(jsonb) from public, anon, authenticated;
grant execute on function public.create_greeting(jsonb) to service_role;
