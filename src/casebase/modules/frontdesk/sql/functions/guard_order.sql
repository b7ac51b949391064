create or replace function frontdesk.guard_order() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    -- A customer whose account goes leaves the order behind.
    if to_jsonb(new) - array['status', 'transaction_id', 'user_id', 'updated_at']
       <> to_jsonb(old) - array['status', 'transaction_id', 'user_id', 'updated_at']
       or new.user_id is not null and new.user_id is distinct from old.user_id then
        perform casebase.fail(409, 'order_immutable');
    elsif new.status <> old.status and old.status <> 'pending' then
        perform casebase.fail(409, 'order_' || old.status);
    elsif old.status <> 'pending' and new.transaction_id is distinct from old.transaction_id then
        perform casebase.fail(409, 'order_' || old.status);
    end if;
    return new;
end
$$;

comment on function frontdesk.guard_order() is
    'Trigger: an order goes from pending to completed, failed or cancelled, once; what was ordered stays what it was.';

revoke execute on function frontdesk.guard_order() from public;
