-- Definer: as make_profile. Who signs in, by Supabase's Auth or by a form of ours, changes last_sign_in_at.
create or replace function practice.keep_profile() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if new.email is distinct from old.email then
        update public.profiles p set email = new.email where p.id = new.id;
    end if;
    if new.last_sign_in_at is distinct from old.last_sign_in_at and new.last_sign_in_at is not null then
        perform practice.write_log('info', 'user_login_success', new.id);
    end if;
    -- Whoever knew the old password is signed out.
    if new.encrypted_password is distinct from old.encrypted_password then
        delete from practice.web_sessions s where s.user_id = new.id;
    end if;
    return null;
end
$$;

comment on function practice.keep_profile() is
    'Trigger: a profile has its account''s e-mail, a sign-in is noted, and another password ends sessions.';

revoke execute on function practice.keep_profile() from public;
