-- Definer: members read the table and write it through this function alone.
create or replace function notifications.record_activities(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_organization_id uuid;
    v_zone text;
    v_wrong jsonb;
    v_ids uuid[];
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["activities"],
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "activities": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {
                "type": "object",
                "properties": {
                    "user_id": {"type": "string", "format": "uuid"},
                    "activity_date": {"type": "string", "format": "date"},
                    "kind": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$", "description": "must be snake_case"}
                }
            }}
        }
    }');
    -- Where it is latest, tomorrow has begun while it is today where it is earliest.
    select jsonb_agg(casebase.validation_error(
        format('activities[%s].activity_date', a.ordinality - 1), 'range', 'must lie between the year 2000 and tomorrow'))
    into v_wrong
    from jsonb_array_elements(payload -> 'activities') with ordinality a
    where (a.value ->> 'activity_date')::date not between '2000-01-01' and (casebase.now() at time zone 'UTC')::date + 1;
    if v_wrong is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_wrong));
    end if;

    v_organization_id := notifications.acting_organization((payload ->> 'organization_id')::uuid);
    perform notifications.require_subjects(v_organization_id, payload -> 'activities', 'activities');
    select s.timezone into v_zone from notifications.settings_of(v_organization_id) s;
    with recorded as (
        insert into public.activities (organization_id, user_id, activity_date, kind)
        select v_organization_id, u.user_id,
               coalesce(
                   (a.value ->> 'activity_date')::date,
                   (casebase.now() at time zone coalesce(p.timezone, v_zone))::date),
               coalesce(a.value ->> 'kind', 'activity')
        from jsonb_array_elements(payload -> 'activities') with ordinality a
        cross join lateral (select coalesce((a.value ->> 'user_id')::uuid, auth.uid()) as user_id) u
        left join public.notification_preferences p on p.user_id = u.user_id and p.scenario_type = 'inactivity'
        order by a.ordinality
        returning id
    )
    select array_agg(id) into v_ids from recorded;
    return jsonb_build_object('organization_id', v_organization_id, 'activity_ids', to_jsonb(v_ids));
end
$$;

create or replace function public.record_activities(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.record_activities(payload)
$$;

comment on function public.record_activities(jsonb) is
    'Record what people did: {organization_id?, activities: [{user_id?, activity_date?, kind?}]}, up to 1000. Members record '
    'for themselves; owners, admins and the service for every member. Without activity_date it is today where the person '
    'lives, without kind it is activity; without organization_id the caller''s only one, for the service the default one. '
    'All are recorded or none. Returns {organization_id, activity_ids}, in their order. 404 organization_not_found, '
    'member_not_found; 403 administrator_required; 422 invalid_input.';

revoke execute on function notifications.record_activities(jsonb), public.record_activities(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.record_activities(jsonb), public.record_activities(jsonb)
to authenticated, service_role;
