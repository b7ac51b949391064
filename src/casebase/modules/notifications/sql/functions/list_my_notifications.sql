-- Definer, for the templates. Somebody has tens of notifications a year, so what they have is sorted, and no index keeps it
-- in order at the cost of each write. What was not to be sent is not told here either; what no device took is.
create or replace function notifications.list_my_notifications(before timestamptz, max_count int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_user_id uuid := notifications.acting_user();
    v_items jsonb;
    v_last timestamptz;
begin
    perform casebase.require_valid(
        jsonb_build_object('limit', max_count),
        '{"type": "object", "required": ["limit"], "properties": {"limit": {"type": "integer", "minimum": 1, "maximum": 200}}}');
    select
        coalesce(jsonb_agg(
            jsonb_build_object(
                'notification_id', n.id, 'organization_id', n.organization_id, 'scenario_type', n.scenario_type,
                'triggered_at', n.triggered_at, 'delivery_status', n.delivery_status, 'milestone_value', n.milestone_value,
                'title', r.title, 'body', r.body, 'sent_at', n.sent_at, 'read_at', n.read_at)
            order by n.triggered_at desc, n.id), '[]'),
        min(n.triggered_at)
    into v_items, v_last
    from (
        select * from public.scenario_notifications s
        where s.user_id = v_user_id and s.triggered_at < coalesce(before, 'infinity')
          and coalesce(s.skip_reason, 'no_device') = 'no_device'
        order by s.triggered_at desc
        fetch first max_count rows with ties
    ) n
    cross join notifications.render_notification(n.id) r;
    return jsonb_build_object(
        'items', v_items,
        'next_before', case when exists (
            select from public.scenario_notifications s
            where s.user_id = v_user_id and s.triggered_at < v_last
              and coalesce(s.skip_reason, 'no_device') = 'no_device') then v_last end);
end
$$;

create or replace function public.list_my_notifications(before timestamptz default null, "limit" int default 20) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_my_notifications(before, "limit")
$$;

comment on function public.list_my_notifications(timestamptz, int) is
    'The caller''s own notifications that were triggered before a moment, the newest first, limit of them (1 to 200) and all '
    'of the last one''s moment: {items [{notification_id, organization_id, scenario_type, triggered_at, delivery_status, '
    'milestone_value, title, body, sent_at, read_at}], next_before}. next_before is what to call with for the next page, null '
    'on the last. The text is in the caller''s language. What was not to be sent (opted_out, left_organization, expired) is not '
    'among them; what waits for quiet hours to end, or found no device, is. For people. 403 user_required; 422 invalid_input.';

revoke execute on function
    notifications.list_my_notifications(timestamptz, int), public.list_my_notifications(timestamptz, int)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.list_my_notifications(timestamptz, int), public.list_my_notifications(timestamptz, int)
to authenticated;
