create or replace function mortgage.tie_conversation(case_row public.scenario_cases, conversation_id text) returns boolean
    language plpgsql
    set search_path = ''
as $$
declare
    v_key text := mortgage.conversation_key(case_row.tenant_id, conversation_id);
    v_is_new boolean;
begin
    insert into mortgage.conversations (tenant_id, conversation_id, case_id)
    values (case_row.tenant_id, v_key, case_row.id)
    on conflict do nothing;
    v_is_new := found;
    if not exists (
        select from mortgage.conversations c
        where c.tenant_id = case_row.tenant_id and c.conversation_id = v_key and c.case_id = case_row.id
    ) then
        perform casebase.fail(409, 'conversation_taken', '{"field": "conversation_id"}', 'It belongs to another case.');
    end if;
    return v_is_new;
end
$$;

comment on function mortgage.tie_conversation(public.scenario_cases, text) is
    'Tie a conversation to a case and say whether that is new; 409 conversation_taken if it is another''s.';

revoke execute on function mortgage.tie_conversation(public.scenario_cases, text) from public;
