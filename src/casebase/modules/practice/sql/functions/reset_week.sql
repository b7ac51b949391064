-- Locks the profile in any case, so that who counts or starts does so one at a time.
create or replace function practice.reset_week(user_id uuid) returns public.profiles
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_profile public.profiles;
begin
    select * into v_profile from public.profiles p where p.id = user_id for no key update;
    if v_profile.week_reset_date <= casebase.now() then
        if v_profile.current_week_completion_count > 0 then
            perform practice.write_log('info', 'weekly_limit_reset', user_id, null,
                jsonb_build_object('count', 1, 'completed_this_week', v_profile.current_week_completion_count));
        end if;
        update public.profiles p
        set current_week_completion_count = 0, week_reset_date = practice.next_week(casebase.now())
        where p.id = user_id
        returning * into v_profile;
    end if;
    return v_profile;
end
$$;

comment on function practice.reset_week(uuid) is
    'The profile of a user, locked; its week''s count begins anew if that week is over. Nulls where there is none.';

revoke execute on function practice.reset_week(uuid) from public;
