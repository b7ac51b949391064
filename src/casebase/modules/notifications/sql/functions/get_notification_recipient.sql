-- Definer: it reads what people decided and what the rules find. The rules look at stretches of people; this one is between
-- the member before them and themselves.
create or replace function notifications.get_notification_recipient(user_id uuid, organization_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_organization constant uuid := notifications.administered_organization(organization_id);
    v_member public.tenant_users;
    v_before uuid;
begin
    select m.* into v_member from public.tenant_users m where m.tenant_id = v_organization and m.user_id = get_notification_recipient.user_id;
    if v_member.user_id is null and not exists (
        select from public.scenario_notifications n
        where n.user_id = get_notification_recipient.user_id and n.organization_id = v_organization) then
        perform casebase.fail(404, 'member_not_found', '{"field": "user_id"}');
    end if;
    select m.user_id into v_before from public.tenant_users m
    where m.tenant_id = v_organization and m.user_id < get_notification_recipient.user_id
    order by m.user_id desc limit 1;
    return jsonb_build_object(
        'user_id', user_id,
        'is_member', v_member.user_id is not null,
        'email', notifications.member_email(v_organization, user_id),
        'joined_at', v_member.created_at,
        'activity_count', (
            select count(*) from public.activities a
            where a.organization_id = v_organization and a.user_id = get_notification_recipient.user_id),
        'last_active_on', (
            select max(a.activity_date) from public.activities a
            where a.organization_id = v_organization and a.user_id = get_notification_recipient.user_id),
        'device_count', case when v_member.user_id is not null then (
            select count(*) from public.device_tokens d
            where d.user_id = get_notification_recipient.user_id and d.revoked_at is null) end,
        'certifications', (
            select coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'expires_on', c.expires_on)
                order by c.expires_on, c.name), '[]')
            from public.certifications c
            where c.organization_id = v_organization and c.user_id = get_notification_recipient.user_id
              and v_member.user_id is not null),
        'preferences', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'scenario_type', p.scenario_type, 'enabled', p.enabled, 'quiet_from', to_char(p.quiet_from, 'HH24:MI'),
                'quiet_until', to_char(p.quiet_until, 'HH24:MI'), 'timezone', p.timezone) order by p.scenario_type), '[]')
            from public.notification_preferences p
            where p.user_id = get_notification_recipient.user_id and v_member.user_id is not null),
        'due', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'scenario_type', d.scenario_type,
                'outcome', coalesce(d.skip_reason, 'notified'))
                || notifications.facts_of(d.milestone_value, d.metadata) order by d.scenario_type), '[]')
            from notifications.find_due(
                v_organization,
                array(select r.scenario_type from notifications.rules_of(v_organization) r where r.is_enabled),
                casebase.now(), coalesce(v_before, '00000000-0000-0000-0000-000000000000'), user_id) d
            where d.user_id = get_notification_recipient.user_id));
end
$$;

create or replace function public.get_notification_recipient(user_id uuid, organization_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.get_notification_recipient(user_id, organization_id)
$$;

comment on function public.get_notification_recipient(uuid, uuid) is
    'How one of an organisation''s people stands with its rules: {user_id, is_member, email, joined_at, activity_count, '
    'last_active_on, device_count, certifications: [{name, expires_on}], preferences: [{scenario_type, enabled, quiet_from, '
    'quiet_until, timezone}], due: [{scenario_type, outcome, milestone_value, days, certification_count}]}. Of who left, and '
    'was notified before, only what happened here. For administrators of the organisation, and the service. 403 '
    'administrator_required; 404 organization_not_found, member_not_found; 422 invalid_input.';

revoke execute on function
    notifications.get_notification_recipient(uuid, uuid), public.get_notification_recipient(uuid, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    notifications.get_notification_recipient(uuid, uuid), public.get_notification_recipient(uuid, uuid)
to authenticated, service_role;
