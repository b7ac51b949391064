-- Definer: it looks with the engine's eyes. People are looked at stretch by stretch until a page is full; where few of many
-- are due the stretches grow, and after so many people the page is handed out as it is, with the place to go on from.
create or replace function notifications.list_due_notifications(
    organization_id uuid,
    scenario_type text,
    outcome text,
    cursor uuid,
    page_size int
) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
#variable_conflict use_variable
declare
    v_most constant int := 60000;
    v_at constant timestamptz := casebase.now();
    v_organization uuid;
    v_types text[];
    v_after uuid := coalesce(cursor, '00000000-0000-0000-0000-000000000000');
    v_stretch int := 2000;
    v_stretch_end uuid;
    v_evaluated int;
    v_seen int := 0;
    v_people int := 0;
    v_found record;
    v_items jsonb := '[]'::jsonb;
    v_next uuid;
begin
    perform casebase.require_valid(
        jsonb_build_object('scenario_type', scenario_type, 'outcome', outcome, 'page_size', page_size), '{
            "type": "object",
            "required": ["page_size"],
            "properties": {
                "scenario_type": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]},
                "outcome": {"type": "string", "enum": ["notified", "opted_out", "cooldown", "failed_recently", "quiet_hours"]},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
            }
        }');
    v_organization := notifications.administered_organization(organization_id);
    v_types := array(
        select r.scenario_type from notifications.rules_of(v_organization) r
        where r.is_enabled and r.scenario_type = coalesce(list_due_notifications.scenario_type, r.scenario_type));

    loop
        select count(*), (array_agg(m.user_id order by m.user_id desc))[1] into v_evaluated, v_stretch_end
        from (
            select u.user_id from public.tenant_users u
            where u.tenant_id = v_organization and u.user_id > v_after
            order by u.user_id
            limit v_stretch
        ) m;
        exit when v_evaluated = 0;

        -- Whole people, so that the next page begins with another one.
        with due as (
            select d.*, coalesce(d.skip_reason, 'notified') as outcome, v_people + dense_rank() over (order by d.user_id) as place
            from notifications.find_due(v_organization, v_types, v_at, v_after, v_stretch_end) d
            where coalesce(d.skip_reason, 'notified') = coalesce(outcome, d.skip_reason, 'notified')
        )
        select coalesce(max(d.place), v_people) as people,
               (array_agg(d.user_id order by d.user_id desc) filter (where d.place <= page_size))[1] as last_shown,
               coalesce(jsonb_agg(jsonb_build_object(
                   'user_id', d.user_id,
                   'email', notifications.member_email(v_organization, d.user_id),
                   'scenario_type', d.scenario_type,
                   'outcome', d.outcome)
                   || notifications.facts_of(d.milestone_value, d.metadata)
                   order by d.user_id, d.scenario_type) filter (where d.place <= page_size), '[]') as items
        into strict v_found
        from due d;
        v_items := v_items || v_found.items;
        v_people := v_found.people;
        v_seen := v_seen + v_evaluated;
        if v_people > page_size then
            v_next := v_found.last_shown;
            exit;
        end if;
        exit when v_evaluated < v_stretch;
        v_after := v_stretch_end;
        if v_people = page_size or v_seen >= v_most then
            v_next := v_stretch_end;
            exit;
        end if;
        v_stretch := least(v_stretch * 4, 20000, v_most - v_seen);
    end loop;
    return jsonb_build_object('items', v_items, 'evaluated_at', v_at, 'next_cursor', v_next);
end
$$;

create or replace function public.list_due_notifications(
    organization_id uuid default null,
    scenario_type text default null,
    outcome text default null,
    cursor uuid default null,
    page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_due_notifications(organization_id, scenario_type, outcome, cursor, page_size)
$$;

comment on function public.list_due_notifications(uuid, text, text, uuid, int) is
    'Who an organisation''s rules find due at this moment, and what an evaluation would do; it writes nothing: {items: '
    '[{user_id, email, scenario_type, outcome, milestone_value, days, certification_count}], evaluated_at, next_cursor (a '
    'user_id)}. outcome is notified, opted_out, cooldown, failed_recently or quiet_hours. A page has so many people, by id, '
    'each with all that is due; of very many people it may have fewer, and the cursor goes on. Scenarios that are switched '
    'off are left out. For administrators of the organisation, and the service. 403 administrator_required; 404 '
    'organization_not_found; 422 invalid_input.';

revoke execute on function
    notifications.list_due_notifications(uuid, text, text, uuid, int), public.list_due_notifications(uuid, text, text, uuid, int)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.list_due_notifications(uuid, text, text, uuid, int), public.list_due_notifications(uuid, text, text, uuid, int)
to authenticated, service_role;
