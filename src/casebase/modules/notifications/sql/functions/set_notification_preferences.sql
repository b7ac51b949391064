-- Definer: nobody is granted a write of the table. Two devices of one person that each set something else both have
-- their way: the second waits, then reads what the first wrote.
create or replace function notifications.set_notification_preferences(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_user_id uuid := notifications.acting_user();
    v_entries jsonb;
    v_rows public.notification_preferences[];
    v_wrong int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "timezone": {"type": "string", "maxLength": 60},
            "language": {"type": "string", "enum": ["en", "nb"]},
            "preferences": {"type": "array", "maxItems": 4, "items": {
                "type": "object",
                "required": ["scenario_type"],
                "properties": {
                    "scenario_type": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]},
                    "enabled": {"type": "boolean"},
                    "quiet_from": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": "must be a time such as 22:00"},
                    "quiet_until": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": "must be a time such as 07:00"}
                }
            }}
        }
    }');
    if not casebase.is_time_zone(coalesce(payload ->> 'timezone', 'UTC')) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('timezone', 'time_zone', 'must be the name of a time zone, such as Europe/Oslo'))));
    end if;
    v_entries := coalesce(nullif(payload -> 'preferences', 'null'), '[]');
    select max(e.place) - 1 into v_wrong
    from jsonb_array_elements(v_entries) with ordinality e (entry, place)
    group by e.entry ->> 'scenario_type'
    having count(*) > 1
    limit 1;
    if v_wrong is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(format('preferences[%s].scenario_type', v_wrong), 'unique', 'is given twice'))));
    end if;

    perform pg_advisory_xact_lock(hashtextextended('notifications.preferences:' || v_user_id, 0));
    -- A scenario's first row takes over what held before, so that deciding one thing changes no other.
    select
        array_agg(
            row(v_user_id, w.scenario_type, r.enabled, r.quiet_from, r.quiet_until, r.timezone, r.language, casebase.now())
                ::public.notification_preferences),
        min(e.place) filter (where (r.quiet_from is null) <> (r.quiet_until is null) or r.quiet_from = r.quiet_until) - 1
    into v_rows, v_wrong
    from notifications.wishes_of(v_user_id) w
    left join lateral (
        select a.entry, a.place from jsonb_array_elements(v_entries) with ordinality a (entry, place)
        where a.entry ->> 'scenario_type' = w.scenario_type
    ) e on true
    cross join lateral (
        select coalesce((e.entry ->> 'enabled')::boolean, w.enabled) as enabled,
               case when e.entry ? 'quiet_from' then (e.entry ->> 'quiet_from')::time else w.quiet_from end as quiet_from,
               case when e.entry ? 'quiet_until' then (e.entry ->> 'quiet_until')::time else w.quiet_until end as quiet_until,
               case when payload ? 'timezone' then payload ->> 'timezone' else w.timezone end as timezone,
               case when payload ? 'language' then payload ->> 'language' else w.language end as language
    ) r
    where e.entry is not null or payload ->> 'timezone' is not null or payload ->> 'language' is not null
       or (w.is_own and payload ?| array['timezone', 'language']);
    if v_wrong is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(format('preferences[%s].quiet_from', v_wrong), 'quiet_hours',
                'must come with quiet_until, and differ from it'))));
    end if;

    insert into public.notification_preferences as p
    select * from unnest(v_rows)
    on conflict on constraint notification_preferences_pkey do update
        set enabled = excluded.enabled, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
            timezone = excluded.timezone, language = excluded.language;
    return notifications.preferences_json(v_user_id);
end
$$;

create or replace function public.set_notification_preferences(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.set_notification_preferences(payload)
$$;

comment on function public.set_notification_preferences(jsonb) is
    'Decide what the caller wants: {preferences? [{scenario_type, enabled?, quiet_from?, quiet_until?}], timezone?, language?}. '
    'What is absent stays; null takes quiet hours away, and gives the time zone or language back to the organisation. Quiet '
    'hours are HH:MM, may go over midnight, and hold on the clock of the time zone; time zone and language are of all '
    'scenarios. Returns all, as get_notification_preferences does. For people. 403 user_required; 422 invalid_input.';

revoke execute on function notifications.set_notification_preferences(jsonb), public.set_notification_preferences(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.set_notification_preferences(jsonb), public.set_notification_preferences(jsonb)
to authenticated;
