-- Definer: people are granted no write of the table.
create or replace function notifications.mark_notification_read(id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_user_id uuid := notifications.acting_user();
    v_read_at timestamptz;
begin
    update public.scenario_notifications n set read_at = coalesce(n.read_at, casebase.now())
    where n.id = mark_notification_read.id and n.user_id = v_user_id
    returning n.read_at into v_read_at;
    if not found then
        perform casebase.fail(404, 'notification_not_found', '{"field": "id"}');
    end if;
    return jsonb_build_object('notification_id', mark_notification_read.id, 'read_at', v_read_at);
end
$$;

create or replace function public.mark_notification_read(id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.mark_notification_read(id)
$$;

comment on function public.mark_notification_read(uuid) is
    'Keep when the caller first read a notification of theirs; again changes nothing. Returns {notification_id, read_at}. '
    'For people. 403 user_required; 404 notification_not_found.';

revoke execute on function notifications.mark_notification_read(uuid), public.mark_notification_read(uuid)
from public, anon, authenticated, service_role;
grant execute on function notifications.mark_notification_read(uuid), public.mark_notification_read(uuid) to authenticated;
