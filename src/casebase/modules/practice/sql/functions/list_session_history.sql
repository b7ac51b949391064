-- Definer, as every RPC of people here: one rule of who owns what, in its own words.
create or replace function practice.list_session_history(before timestamptz, max_count int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_user_id constant uuid := practice.acting_user();
    v_items jsonb;
    v_last timestamptz;
begin
    perform casebase.require_valid(
        jsonb_build_object('limit', max_count),
        '{"type": "object", "required": ["limit"], "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 200}}}');
    select
        coalesce(jsonb_agg(
            practice.session_json(s) || jsonb_build_object('scenario', practice.scenario_json(c))
            order by s.completed_at desc, s.id), '[]'),
        min(s.completed_at)
    into v_items, v_last
    from (
        select * from public.sessions h
        where h.user_id = v_user_id and h.is_completed and h.completed_at < coalesce(before, 'infinity')
        order by h.completed_at desc
        fetch first max_count rows with ties
    ) s
    join public.scenarios c on c.id = s.scenario_id;
    return jsonb_build_object(
        'items', v_items,
        'next_before', case when exists (
            select from public.sessions s
            where s.user_id = v_user_id and s.is_completed and s.completed_at < v_last) then v_last end);
end
$$;

create or replace function public.list_session_history(before timestamptz default null, "limit" int default 20) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.list_session_history(before, "limit")
$$;

comment on function public.list_session_history(timestamptz, int) is
    'The caller''s sessions that were completed before a moment, the newest first, limit of them (1 to 200) and all of the '
    'last one''s moment: {items [{session_id, scenario_id, scenario: {scenario_id, title, emoji}, is_completed, started_at, '
    'last_activity_at, expires_at, completed_at, duration_seconds, message_count_main, message_count_helper}], next_before}. '
    'next_before is what to call with for the next page, null on the last. list_messages tells what was said. For people. '
    '403 user_required; 422 invalid_input.';

revoke execute on function practice.list_session_history(timestamptz, int), public.list_session_history(timestamptz, int)
from public, anon, authenticated, service_role;
grant execute on function practice.list_session_history(timestamptz, int), public.list_session_history(timestamptz, int)
to authenticated;
