-- Definer, as every RPC of people here: one rule of who owns what, in its own words.
create or replace function practice.get_profile() returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_user_id constant uuid := practice.acting_user();
    v_profile public.profiles;
begin
    select * into v_profile from public.profiles p where p.id = v_user_id;
    if v_profile.id is null then
        perform casebase.fail(403, 'user_required', '{}', 'Call it with the token of a person who has an account.');
    end if;
    return jsonb_build_object(
        'user_id', v_profile.id, 'email', v_profile.email, 'created_at', v_profile.created_at,
        'completed_scenario_count', v_profile.completed_scenario_count, 'allowance', practice.allowance_of(v_profile));
end
$$;

create or replace function public.get_profile() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.get_profile()
$$;

comment on function public.get_profile() is
    'Who the caller is here: {user_id, email, created_at, completed_scenario_count, allowance: {completed_this_week, limit, '
    'remaining, resets_at}}. For people. 403 user_required.';

revoke execute on function practice.get_profile(), public.get_profile() from public, anon, authenticated, service_role;
grant execute on function practice.get_profile(), public.get_profile() to authenticated;
