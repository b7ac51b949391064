-- Definer: the API's role may not write auth.users. Whether strangers may make accounts at all is the process's to say
-- (CASEBASE_PRACTICE_SIGN_UP): nothing but that process can call this. Whose e-mail it is, only Supabase's Auth asks, and
-- an account of its that nobody has confirmed is its own to make.
create or replace function practice.sign_up(email text, password_hash text, is_confirmed boolean default false) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_id uuid;
begin
    if not is_confirmed and to_regclass('auth.identities') is not null then
        perform casebase.fail(409, 'sign_up_elsewhere', '{}', 'Accounts are made by Supabase''s Auth, which confirms e-mails.');
    end if;
    v_id := casebase.create_user(email, password_hash, null);
    if not is_confirmed then
        update auth.users u set email_confirmed_at = null where u.id = v_id;
    end if;
    return v_id;
exception
    -- Two at once: the second met no account, and then the first's.
    when unique_violation then
        perform casebase.fail(409, 'user_exists');
        return null;
end
$$;

comment on function practice.sign_up(text, text, boolean) is
    'Make an account that belongs to no tenant, with a bcrypt hash; is_confirmed: whoever makes it knows whose e-mail it is. '
    '409 user_exists, sign_up_elsewhere; 422 email_invalid.';

revoke execute on function practice.sign_up(text, text, boolean) from public;
grant execute on function practice.sign_up(text, text, boolean) to casebase_api;
