-- Definer: whoever makes accounts (Supabase's Auth, the command line) may not write profiles.
create or replace function practice.make_profile() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    insert into public.profiles (id, email) values (new.id, new.email) on conflict (id) do nothing;
    if found then
        perform practice.write_log('info', 'user_registered', new.id);
    end if;
    return null;
end
$$;

comment on function practice.make_profile() is 'Trigger: an account has its profile.';

revoke execute on function practice.make_profile() from public;
