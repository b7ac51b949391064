create or replace function casebase.set_password(email text, password_hash text) returns uuid
    language plpgsql
    set search_path = ''
as $$
declare
    v_id uuid;
begin
    update auth.users u set encrypted_password = set_password.password_hash, updated_at = casebase.now()
    where lower(u.email) = lower(set_password.email) and u.deleted_at is null
    returning u.id into v_id;
    if not found then
        perform casebase.fail(404, 'user_not_found');
    end if;
    -- Whoever knew the old password is signed out.
    delete from casebase.console_sessions s where s.user_id = v_id;
    return v_id;
end
$$;

comment on function casebase.set_password(text, text) is 'Give a user a new bcrypt hash and end their console sessions; for the owner''s CLI.';

revoke execute on function casebase.set_password(text, text) from public;
