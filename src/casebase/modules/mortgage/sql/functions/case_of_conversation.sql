create or replace function mortgage.case_of_conversation(tenant_id uuid, conversation_id text) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_case_id uuid;
    v_tenants uuid[];
begin
    if conversation_id is null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('case_id', 'required', 'is missing, and so is conversation_id'))));
    end if;
    v_tenants := case casebase.calling_role()
        when 'service_role' then array[coalesce(tenant_id, casebase.default_tenant())]
        else mortgage.staff_tenants() end;
    select c.case_id into v_case_id
    from unnest(v_tenants) t
    join mortgage.conversations c
      on c.tenant_id = t and c.conversation_id = mortgage.conversation_key(t, case_of_conversation.conversation_id)
    where t = coalesce(case_of_conversation.tenant_id, t)
    limit 1;
    if not found then
        perform casebase.fail(404, 'conversation_not_found', '{"field": "conversation_id"}',
            'Tie it first: an event with its case_id and this conversation_id.');
    end if;
    return v_case_id;
end
$$;

comment on function mortgage.case_of_conversation(uuid, text) is
    'The case that a conversation is tied to, in the named tenant, else the service''s default one or the caller''s own; '
    '404 conversation_not_found.';

revoke execute on function mortgage.case_of_conversation(uuid, text) from public;
