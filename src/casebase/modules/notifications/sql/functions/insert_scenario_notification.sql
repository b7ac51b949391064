-- Definer: reminders of certifications are in an unexposed schema. Row, reminders and job are one transaction. What the
-- rules hold of everybody holds here too, by the same constraints.
create or replace function notifications.insert_scenario_notification(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_status text;
    v_triggered_at timestamptz;
    v_is_milestone boolean;
    v_notification public.scenario_notifications;
    v_constraint text;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["user_id", "organization_id", "scenario_type"],
        "properties": {
            "user_id": {"type": "string", "format": "uuid"},
            "organization_id": {"type": "string", "format": "uuid"},
            "scenario_type": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]},
            "triggered_at": {"type": "string", "format": "date-time"},
            "delivery_status": {"type": "string", "enum": ["pending", "sent", "failed"]},
            "milestone_value": {"type": "integer", "minimum": 1, "maximum": 1000000},
            "metadata": {"type": "object", "maxBytes": 8000}
        }
    }');
    v_status := coalesce(payload ->> 'delivery_status', 'pending');
    v_triggered_at := coalesce((payload ->> 'triggered_at')::timestamptz, casebase.now());
    v_is_milestone := payload ->> 'scenario_type' = 'milestone';
    if not v_triggered_at between '2000-01-01Z' and '2199-01-01Z' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('triggered_at', 'range', 'must lie between the years 2000 and 2199'))));
    elsif v_is_milestone <> (payload ->> 'milestone_value' is not null) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('milestone_value', 'milestone', 'is given for a milestone, and for no other scenario'))));
    elsif casebase.validation_errors(
              coalesce(payload #> '{metadata,days}', '0'), '{"type": "integer", "minimum": 0, "maximum": 100000}') <> '[]' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('metadata.days', 'days', 'must be a number of days'))));
    elsif notifications.holds_personal_data(payload -> 'metadata') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('metadata', 'personal_data', 'must tell of nobody: no national id, e-mail or telephone number'))));
    end if;
    if not exists (select from public.tenants t where t.id = (payload ->> 'organization_id')::uuid) then
        perform casebase.fail(404, 'organization_not_found', '{"field": "organization_id"}');
    elsif not exists (
        select from public.tenant_users m
        where m.tenant_id = (payload ->> 'organization_id')::uuid and m.user_id = (payload ->> 'user_id')::uuid
    ) then
        perform casebase.fail(404, 'member_not_found', '{"field": "user_id"}', 'Only members of the organisation are notified.');
    end if;

    -- An engine that looked before would tell the same reminder.
    if payload ->> 'scenario_type' = 'certification_expiry' then
        perform notifications.lock_evaluation((payload ->> 'organization_id')::uuid);
    end if;
    -- Under an exclusion constraint two writers may each wait for the other's end; here the second waits to begin.
    perform pg_advisory_xact_lock(hashtextextended('notifications.write:' || (payload ->> 'user_id')::uuid, 0));
    begin
        insert into public.scenario_notifications as n (
            user_id, organization_id, scenario_type, triggered_at, delivery_status, milestone_value, metadata, sent_at)
        values (
            (payload ->> 'user_id')::uuid, (payload ->> 'organization_id')::uuid, payload ->> 'scenario_type', v_triggered_at,
            v_status, (payload ->> 'milestone_value')::numeric::int, nullif(payload -> 'metadata', 'null'),
            case when v_status = 'sent' then v_triggered_at end)
        returning n.* into v_notification;
        -- Failing frees them, so one that failed has none.
        insert into notifications.certification_stages (certification_id, expires_on, stage, notification_id)
        select distinct t.certification_id, t.expires_on, t.stage, v_notification.id
        from notifications.told_certifications(v_notification) t
        where t.stage is not null and v_status <> 'failed';
    exception
        when exclusion_violation then
            perform casebase.fail(409, 'cooldown_active', '{"field": "triggered_at"}');
        when unique_violation then
            get stacked diagnostics v_constraint = constraint_name;
            if v_constraint = 'scenario_notifications_milestone_key' then
                perform casebase.fail(409, 'milestone_already_written', '{"field": "milestone_value"}',
                    'One that failed is sent again, not written again.');
            elsif v_constraint = 'certification_stages_pkey' then
                perform casebase.fail(409, 'certification_already_told', '{"field": "metadata.certifications"}');
            end if;
            perform casebase.fail(409, 'notification_already_written', '{"field": "triggered_at"}');
    end;
    if v_status = 'pending' then
        perform casebase.enqueue('notifications_dispatch', jsonb_build_object('notification_id', v_notification.id));
    end if;
    return to_jsonb(v_notification);
end
$$;

create or replace function public.insert_scenario_notification(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.insert_scenario_notification(payload)
$$;

comment on function public.insert_scenario_notification(jsonb) is
    'Write a notification that something other than the rules decided on: {user_id, organization_id, scenario_type, '
    'triggered_at?, delivery_status?, milestone_value?, metadata?}. A pending one, which is the default, is queued to be sent in '
    'the same transaction. metadata holds ids and numbers, days where the text says how many. Of a '
    'certification_expiry, certifications: [{id, expires_on, stage, days}] are reminders that nothing tells again unless it '
    'fails. Returns the row. For the service. 404 organization_not_found, member_not_found; 409 cooldown_active, '
    'milestone_already_written, certification_already_told, notification_already_written; 422 invalid_input.';

revoke execute on function notifications.insert_scenario_notification(jsonb), public.insert_scenario_notification(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.insert_scenario_notification(jsonb), public.insert_scenario_notification(jsonb)
to service_role;
