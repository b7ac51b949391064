create or replace function mortgage.refuse_rewrite() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if tg_op = 'DELETE' or to_jsonb(new) - 'payload_json' <> to_jsonb(old) - 'payload_json' then
        perform casebase.fail(409, 'timeline_is_append_only');
    end if;
    return new;
end
$$;

comment on function mortgage.refuse_rewrite() is
    'Trigger: an event stays what it was. Its payload alone may be emptied, which is how consent expiry sanitises it.';

revoke execute on function mortgage.refuse_rewrite() from public;
