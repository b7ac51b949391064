-- A token outlives the account it was made for: a profile that is not there is nobody's.
create or replace function practice.own_profile() returns public.profiles
    language plpgsql
    set search_path = ''
as $$
declare
    v_profile constant public.profiles := practice.reset_week(practice.acting_user());
begin
    if v_profile.id is null then
        perform casebase.fail(403, 'user_required', '{}', 'Call it with the token of a person who has an account.');
    end if;
    return v_profile;
end
$$;

comment on function practice.own_profile() is
    'The caller''s profile in the current week, locked: before any session of theirs, so that two calls never wait for each '
    'other. 403 user_required for nobody.';

revoke execute on function practice.own_profile() from public;
