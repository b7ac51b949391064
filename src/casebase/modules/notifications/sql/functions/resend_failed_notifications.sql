-- Definer: nobody writes the table's outcomes by hand. The row is the same and so is the key it is sent under: a receiver
-- that took it before, and could not say so, knows it again. It begins a cooldown as a new one would. In the order in
-- which engines write, so that neither waits for the other in a circle; each in a subtransaction, as the constraint that
-- decides is looked at when the row is written.
create or replace function notifications.resend_failed_notifications(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_max constant int := 1000;
    v_now constant timestamptz := casebase.now();
    v_organization uuid;
    v_since timestamptz;
    v_ids uuid[];
    v_notification public.scenario_notifications;
    v_cooldown interval;
    v_days int;
    v_reason text;
    v_resent uuid[] := '{}'::uuid[];
    v_skipped jsonb := '[]'::jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "notification_ids": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "string", "format": "uuid"}},
            "scenario_type": {"type": "string",
                "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]}
        }
    }');
    if (payload ->> 'notification_ids' is null) = (payload ->> 'scenario_type' is null) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('notification_ids', 'required', 'or scenario_type is needed, and not both'))));
    end if;
    v_organization := notifications.administered_organization((payload ->> 'organization_id')::uuid);

    if payload ->> 'notification_ids' is not null then
        v_ids := array(select distinct i::uuid from jsonb_array_elements_text(payload -> 'notification_ids') i);
        if exists (
            select from unnest(v_ids) i
            where not exists (
                select from public.scenario_notifications n where n.id = i and n.organization_id = v_organization)) then
            perform casebase.fail(404, 'notification_not_found', '{"field": "notification_ids"}');
        end if;
    else
        -- Only those that can be: what is blocked must not fill every batch. The oldest first, so that what is sent and
        -- fails at once comes last; years of what is outdated by its age are not looked at.
        v_since := case when payload ->> 'scenario_type' = 'milestone' then '-infinity' else v_now - interval '7 days' end;
        v_ids := array(
            select n.id from public.scenario_notifications n
            where n.organization_id = v_organization and n.scenario_type = payload ->> 'scenario_type'
              and n.delivery_status = 'failed' and n.triggered_at >= v_since
              and not notifications.is_in_cooldown(n, v_now) and not notifications.is_outdated(n, v_now)
            order by n.triggered_at, n.id
            limit v_max);
    end if;

    for v_notification in
        select n.* from public.scenario_notifications n
        where n.id = any (v_ids)
        order by n.user_id, n.scenario_type, n.triggered_at desc, n.id
        for update
    loop
        v_reason := case
            when v_notification.delivery_status <> 'failed' then 'not_failed'
            when notifications.is_outdated(v_notification, v_now) then 'outdated'
            when notifications.is_in_cooldown(v_notification, v_now) then 'cooldown' end;
        if v_reason is null then
            select make_interval(secs => extract(epoch from r.cooldown)::float8) into strict v_cooldown
            from notifications.rules_of(v_organization) r where r.scenario_type = v_notification.scenario_type;
            v_days := notifications.local_day(v_notification, v_now)
                - notifications.local_day(v_notification, v_notification.triggered_at);
            begin
                update public.scenario_notifications n
                set delivery_status = 'pending', attempts = 0, skip_reason = null, error_code = null, read_at = null,
                    triggered_at = v_now, cooldown_window_start = v_now, cooldown_until = v_now + v_cooldown,
                    metadata = notifications.metadata_after(n.scenario_type, n.metadata, v_days)
                where n.id = v_notification.id;
                insert into notifications.certification_stages (certification_id, expires_on, stage, notification_id)
                select distinct t.certification_id, t.expires_on, t.stage, v_notification.id
                from notifications.told_certifications(v_notification) t
                where t.stage is not null;
            exception
                when exclusion_violation or unique_violation then
                    -- Another was written between our look and our write, or told of the same.
                    v_reason := 'cooldown';
            end;
        end if;
        if v_reason is null then
            v_resent := v_resent || v_notification.id;
        else
            v_skipped := v_skipped || jsonb_build_object('notification_id', v_notification.id, 'reason', v_reason);
        end if;
    end loop;

    if v_resent <> '{}' then
        perform casebase.enqueue_all('notifications_dispatch', array(
            select jsonb_build_object('notification_id', i) from unnest(v_resent) i));
    end if;
    return jsonb_build_object(
        'resent', to_jsonb(v_resent), 'skipped', v_skipped,
        'is_more', payload ->> 'scenario_type' is not null and cardinality(v_ids) = v_max and v_resent <> '{}');
end
$$;

create or replace function public.resend_failed_notifications(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.resend_failed_notifications(payload)
$$;

comment on function public.resend_failed_notifications(jsonb) is
    'Send failed notifications again, the same rows under the same keys: {organization_id?, notification_ids (up to 1000) or '
    'scenario_type}. Each begins its cooldown anew. By scenario_type those that can be sent are, 1000 a call: while is_more, '
    'call again. Returns {resent: [ids], skipped: [{notification_id, reason}], is_more}; reason: not_failed, cooldown (a newer '
    'one blocks it), outdated (7 days old, active since, certification renewed or expired, told by another; never a milestone). '
    'For the organisation''s administrators and the service. 403 administrator_required; 404 notification_not_found, '
    'organization_not_found; 422 invalid_input.';

revoke execute on function notifications.resend_failed_notifications(jsonb), public.resend_failed_notifications(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.resend_failed_notifications(jsonb), public.resend_failed_notifications(jsonb)
to authenticated, service_role;
