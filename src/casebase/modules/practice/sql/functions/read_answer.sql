-- Definer: answers are nobody's to read but here. Their own only.
create or replace function practice.read_answer(answer_id uuid, after int) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_user_id constant uuid := practice.acting_user();
    v_answer practice.answers;
begin
    -- What was said gets no second home among kept replies.
    perform set_config('casebase.keep_reply', 'off', true);
    select a.* into v_answer
    from practice.answers a
    join public.sessions s on s.id = a.session_id
    where a.id = answer_id and s.user_id = v_user_id;
    if v_answer.id is null then
        perform casebase.fail(404, 'answer_not_found', '{"field": "answer_id"}');
    elsif practice.is_stale(v_answer) then
        perform from public.sessions s where s.id = v_answer.session_id for no key update;
        v_answer := practice.close_stale_answer(answer_id);
    end if;
    return practice.answer_events(v_answer, greatest(coalesce(after, 0), 0));
end
$$;

create or replace function public.read_answer(answer_id uuid, after int default 0) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.read_answer(answer_id, after)
$$;

comment on function public.read_answer(uuid, int) is
    'Read an answer in a session of the caller, from the piece after a position, while it is made or later. Returns '
    '{answer_id, session_id, status: running, completed, interrupted or failed, message: {answer_id, message_id, client_id, '
    'chat_type, timestamp, source, progress}, chunks: [{position, text}], end}: end is null while it is made, then {message_id, '
    'is_incomplete, timestamp, source, progress}, or {code} of one that failed. For people. 403 user_required; 404 '
    'answer_not_found.';

revoke execute on function practice.read_answer(uuid, int), public.read_answer(uuid, int)
from public, anon, authenticated, service_role;
grant execute on function practice.read_answer(uuid, int), public.read_answer(uuid, int) to authenticated;
