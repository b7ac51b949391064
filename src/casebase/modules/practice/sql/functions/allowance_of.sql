-- As it stands now, also where nobody has begun the new week in the table yet: who reads writes nothing.
create or replace function practice.allowance_of(profile public.profiles) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'completed_this_week', w.completed, 'limit', 3, 'remaining', greatest(3 - w.completed, 0), 'resets_at', w.resets_at)
    from (
        select case when profile.week_reset_date > casebase.now() then profile.current_week_completion_count else 0 end as completed,
               greatest(profile.week_reset_date, practice.next_week(casebase.now())) as resets_at
    ) w
$$;

comment on function practice.allowance_of(public.profiles) is 'What is left of a person''s week: three completed sessions.';

revoke execute on function practice.allowance_of(public.profiles) from public;
