-- Chat systems use telephone numbers as ids, so a hash stands for one; nobody ever needs to read it back.
create or replace function mortgage.conversation_key(tenant_id uuid, conversation_id text) returns text
    language sql immutable parallel safe
    set search_path = ''
as $$
    select encode(sha256(convert_to(tenant_id || ':' || conversation_id, 'UTF8')), 'hex')
$$;

comment on function mortgage.conversation_key(uuid, text) is 'What a tenant''s conversation is known by here: a hash of its id.';

revoke execute on function mortgage.conversation_key(uuid, text) from public;
