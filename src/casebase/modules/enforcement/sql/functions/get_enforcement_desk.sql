-- Definer: e-mail addresses of colleagues are in auth.users, which no client reads, the rules in an unexposed schema.
create or replace function enforcement.get_enforcement_desk(tenant_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid := enforcement.reading_tenant(tenant_id);
begin
    return jsonb_build_object(
        'tenant_id', v_tenant_id,
        'may_act', casebase.calling_role() = 'service_role' or v_tenant_id = any (enforcement.operator_tenants()),
        'may_decide', casebase.calling_role() = 'service_role'
            or v_tenant_id = any (casebase.member_tenants(array['owner', 'admin'])),
        'time_zone', (enforcement.settings_of(v_tenant_id)).time_zone,
        'staff', (
            select coalesce(jsonb_object_agg('user:' || u.id, u.email), '{}')
            from public.tenant_users m
            join auth.users u on u.id = m.user_id
            where m.tenant_id = v_tenant_id and u.email is not null),
        'stages', (
            select jsonb_agg(jsonb_build_object(
                'stage', s.stage, 'ordinal', s.ordinal, 'description', s.description, 'sla_days', s.sla_days)
                order by s.ordinal)
            from public.enforcement_stage_lookup s),
        'tiers', (
            select jsonb_agg(jsonb_build_object('tier', t.tier, 'description', t.description, 'min_score', t.min_score)
                order by t.min_score)
            from public.enforcement_tier_lookup t),
        'event_kinds', (
            select jsonb_agg(jsonb_build_object('event_kind', k.event_kind, 'needs_document', k.needs_document)
                order by k.event_kind)
            from enforcement.event_kinds k),
        'call_outcomes', (
            select jsonb_agg(jsonb_build_object('outcome', o.outcome, 'label', o.label, 'is_terminal', o.is_terminal)
                order by o.position)
            from enforcement.call_outcomes o));
end
$$;

create or replace function public.get_enforcement_desk(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.get_enforcement_desk(tenant_id)
$$;

comment on function public.get_enforcement_desk(uuid) is
    'What a tenant''s pages are drawn with: who its actors are ({"user:<id>": e-mail}), its time zone, its stages, tiers, event '
    'kinds and call outcomes, and whether the caller may act (may_act) or decide settings (may_decide). For members. '
    '404 tenant_not_found; 403 forbidden.';

revoke execute on function enforcement.get_enforcement_desk(uuid), public.get_enforcement_desk(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.get_enforcement_desk(uuid), public.get_enforcement_desk(uuid)
to authenticated, service_role;
