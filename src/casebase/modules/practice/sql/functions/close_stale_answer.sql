-- Whoever calls it holds the session's lock, as for close_answer. A beat takes the answer's alone: what was stale at a look
-- may have beaten by the time it is locked.
create or replace function practice.close_stale_answer(answer_id uuid) returns practice.answers
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_answer practice.answers;
begin
    select * into v_answer from practice.answers a where a.id = answer_id for no key update;
    if practice.is_stale(v_answer) then
        v_answer := practice.close_answer(answer_id);
    end if;
    return v_answer;
end
$$;

comment on function practice.close_stale_answer(uuid) is
    'End an answer whose process is gone, under its session''s lock; one that beats stays. Returns it; nulls for none.';

revoke execute on function practice.close_stale_answer(uuid) from public;
