-- Definer: who administers an organisation reads all of its notifications, and the e-mail addresses of its members; no
-- policy grants either. Each scenario is read from its own part of the index, as far as a page could need of it; one
-- person's few are read by the person.
create or replace function notifications.list_scenario_notifications(
    organization_id uuid,
    scenario_type text,
    delivery_status text,
    user_id uuid,
    cursor text,
    page_size int
) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_organization uuid;
    v_types text[];
    v_after record;
    v_page uuid[];
    v_items jsonb;
    v_last public.scenario_notifications;
begin
    perform casebase.require_valid(
        jsonb_build_object(
            'scenario_type', scenario_type, 'delivery_status', delivery_status, 'cursor', cursor, 'page_size', page_size), '{
            "type": "object",
            "required": ["page_size"],
            "properties": {
                "scenario_type": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]},
                "delivery_status": {"type": "string", "enum": ["pending", "sent", "failed"]},
                "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
            }
        }');
    v_organization := notifications.administered_organization(organization_id);
    v_types := array(
        select d.scenario_type from notifications.scenario_defaults d
        where d.scenario_type = coalesce(list_scenario_notifications.scenario_type, d.scenario_type));
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(cursor) c;

    if user_id is not null then
        v_page := array(
            select n.id from public.scenario_notifications n
            where n.user_id = list_scenario_notifications.user_id and n.organization_id = v_organization
              and n.scenario_type = any (v_types) and n.delivery_status = coalesce(delivery_status, n.delivery_status)
              and (n.triggered_at, n.id) <= (v_after.at, v_after.id)
            order by n.triggered_at desc, n.id desc
            limit page_size + 1);
    elsif delivery_status = 'failed' then
        v_page := array(
            select f.id
            from unnest(v_types) t (scenario_type)
            cross join lateral (
                select n.id, n.triggered_at from public.scenario_notifications n
                where n.organization_id = v_organization and n.scenario_type = t.scenario_type
                  and n.delivery_status = 'failed' and (n.triggered_at, n.id) <= (v_after.at, v_after.id)
                order by n.triggered_at desc, n.id desc
                limit page_size + 1
            ) f
            order by f.triggered_at desc, f.id desc
            limit page_size + 1);
    else
        v_page := array(
            select f.id
            from unnest(v_types) t (scenario_type)
            cross join lateral (
                select n.id, n.triggered_at from public.scenario_notifications n
                where n.organization_id = v_organization and n.scenario_type = t.scenario_type
                  and n.delivery_status = coalesce(delivery_status, n.delivery_status)
                  and (n.triggered_at, n.id) <= (v_after.at, v_after.id)
                order by n.triggered_at desc, n.id desc
                limit page_size + 1
            ) f
            order by f.triggered_at desc, f.id desc
            limit page_size + 1);
    end if;

    select coalesce(jsonb_agg(jsonb_build_object(
        'notification_id', n.id,
        'user_id', n.user_id,
        'email', notifications.member_email(v_organization, n.user_id),
        'scenario_type', n.scenario_type,
        'triggered_at', n.triggered_at,
        'delivery_status', n.delivery_status,
        'skip_reason', n.skip_reason,
        'error_code', n.error_code,
        'attempts', n.attempts,
        'sent_at', n.sent_at,
        'read_at', n.read_at)
        || notifications.facts_of(n.milestone_value, n.metadata) order by f.position), '[]')
    into v_items
    from unnest(v_page[:page_size]) with ordinality f (id, position)
    join public.scenario_notifications n on n.id = f.id;

    -- One row more than asked for tells whether there is a next page, and where it begins.
    select * into v_last from public.scenario_notifications n where n.id = v_page[page_size + 1];
    return jsonb_build_object('items', v_items, 'next_cursor', casebase.write_cursor(v_last.triggered_at, v_last.id));
end
$$;

create or replace function public.list_scenario_notifications(
    organization_id uuid default null,
    scenario_type text default null,
    delivery_status text default null,
    user_id uuid default null,
    cursor text default null,
    page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_scenario_notifications(organization_id, scenario_type, delivery_status, user_id, cursor, page_size)
$$;

comment on function public.list_scenario_notifications(uuid, text, text, uuid, text, int) is
    'A page of an organisation''s notifications, newest first: {items: [{notification_id, user_id, email, scenario_type, '
    'triggered_at, delivery_status, milestone_value, days, certification_count, skip_reason, error_code, attempts, sent_at, '
    'read_at}], next_cursor}; all, or of a scenario, a status (pending, sent, failed), a person. email is null for who left. '
    'For administrators of the organisation, and the service. 403 administrator_required; 404 organization_not_found; 422 '
    'invalid_input.';

revoke execute on function
    notifications.list_scenario_notifications(uuid, text, text, uuid, text, int),
    public.list_scenario_notifications(uuid, text, text, uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.list_scenario_notifications(uuid, text, text, uuid, text, int),
    public.list_scenario_notifications(uuid, text, text, uuid, text, int)
to authenticated, service_role;
