-- Definer: the API's role may not write auth.users. Whether strangers may make accounts at all is the process's to say
-- (CASEBASE_PRACTICE_SIGN_UP): nothing but that process can call this.
create or replace function practice.sign_up(email text, password_hash text) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
begin
    return casebase.create_user(email, password_hash, null);
exception
    -- Two at once: the second met no account, and then the first's.
    when unique_violation then
        perform casebase.fail(409, 'user_exists');
        return null;
end
$$;

comment on function practice.sign_up(text, text) is
    'Make an account that belongs to no tenant, with a bcrypt hash: 409 user_exists, 422 email_invalid.';

revoke execute on function practice.sign_up(text, text) from public;
grant execute on function practice.sign_up(text, text) to casebase_api;
