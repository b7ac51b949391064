-- Definer: no role of clients reads auth.users. Asked for, as a token outlives the account it was made for.
create or replace function notifications.acting_user() returns uuid
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    select u.id into v_user_id from auth.users u where u.id = auth.uid();
    if not found then
        perform casebase.fail(403, 'user_required', '{}', 'Call with the token of a person who has an account.');
    end if;
    return v_user_id;
end
$$;

comment on function notifications.acting_user() is 'The person who calls; 403 user_required for a token of nobody.';

revoke execute on function notifications.acting_user() from public;
