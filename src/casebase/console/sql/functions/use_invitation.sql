-- Definer: the API's role may not write auth.users. Called by the console alone, after it has checked the password; a hash
-- makes the account that there is none of, and is left out where there is one.
create or replace function casebase.use_invitation(token text, user_id uuid default null, password_hash text default null)
    returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_user uuid := use_invitation.user_id;
    v_email text;
begin
    if v_user is null then
        if to_regclass('auth.identities') is not null then
            perform casebase.fail(409, 'sign_up_elsewhere', '{}', 'Accounts are made by Supabase''s Auth, which confirms e-mails.');
        end if;
        select i.email into v_email from casebase.open_invitations(null, casebase.hash_token(token)) i;
        if v_email is null then
            perform casebase.fail(404, 'invitation_not_found', '{"field": "token"}', 'Ask for another invitation.');
        end if;
        v_user := casebase.create_user(v_email, password_hash, null);
        -- Whoever made the link has it too, so that it was used proves nobody's address.
        update auth.users u set email_confirmed_at = null where u.id = v_user;
    end if;
    return casebase.join_by_invitation(casebase.hash_token(token), v_user);
exception
    -- Two at once: the second met no account, and then the first's.
    when unique_violation then
        perform casebase.fail(409, 'user_exists');
        return null;
end
$$;

comment on function casebase.use_invitation(text, uuid, text) is
    'Join by an invitation as a user, or as a new one with a bcrypt hash, whose address nobody has confirmed. 404 '
    'invitation_not_found; 409 user_exists, sign_up_elsewhere.';

revoke execute on function casebase.use_invitation(text, uuid, text) from public;
grant execute on function casebase.use_invitation(text, uuid, text) to casebase_api;
