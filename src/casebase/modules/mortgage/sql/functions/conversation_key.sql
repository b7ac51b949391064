-- Chat systems use telephone numbers as ids, so a keyed hash stands for one; nobody ever needs to read it back.
create or replace function mortgage.conversation_key(tenant_id uuid, conversation_id text) returns text
    language sql stable
    set search_path = ''
as $$
    select encode(sha256(k.key || convert_to(conversation_key.tenant_id || ':' || conversation_id, 'UTF8')), 'hex')
    from mortgage.hash_keys k
    where k.name = 'conversations'
$$;

comment on function mortgage.conversation_key(uuid, text) is 'What a tenant''s conversation is known by here: a keyed hash of its id.';

revoke execute on function mortgage.conversation_key(uuid, text) from public;
