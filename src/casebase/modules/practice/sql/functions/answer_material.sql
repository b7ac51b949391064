create or replace function practice.answer_material(answer practice.answers) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'scenario_id', s.scenario_id,
        'title', c.title,
        'message_count', s.message_count_main,
        'main', practice.latest_messages(s.id, 'main', case answer.chat_type when 'main' then 30 else 10 end),
        'helper', (case answer.chat_type when 'helper' then practice.latest_messages(s.id, 'helper', 20) else '[]' end))
    from public.sessions s
    join public.scenarios c on c.id = s.scenario_id
    where s.id = answer.session_id
$$;

comment on function practice.answer_material(practice.answers) is
    'What an answer is made from: {scenario_id, title, message_count of main, main and helper: [{role, content}]}, the oldest first.';

revoke execute on function practice.answer_material(practice.answers) from public;
