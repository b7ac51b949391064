-- Definer: acting_user is called by the module alone.
create or replace function practice.list_scenarios() returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    perform practice.acting_user();
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(
            practice.scenario_json(c) || jsonb_build_object(
                'initial_message_main', c.initial_message_main, 'initial_message_helper', c.initial_message_helper)
            order by c.id), '[]')
        from public.scenarios c where c.is_active));
end
$$;

create or replace function public.list_scenarios() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.list_scenarios()
$$;

comment on function public.list_scenarios() is
    'What can be practised: {items [{scenario_id, title, emoji, initial_message_main, initial_message_helper}]}. For people. '
    '403 user_required.';

revoke execute on function practice.list_scenarios(), public.list_scenarios()
from public, anon, authenticated, service_role;
grant execute on function practice.list_scenarios(), public.list_scenarios() to authenticated;
