-- Invoker. Overrides are few: their own index has nothing else in it.
create or replace function enforcement.list_tier_overrides(tenant_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := enforcement.reading_tenant(tenant_id);
begin
    return jsonb_build_object('items', (
        select coalesce(jsonb_agg(jsonb_build_object(
            'case_id', o.id, 'reference', o.reference, 'plaintiff_name', p.name, 'tier_override', o.tier_override,
            'score_tier', enforcement.tier_of(o.collectability_score), 'collectability_score', o.collectability_score,
            'override_expires_at', o.override_expires_at, 'override_note', o.override_note,
            'is_expired', o.override_expires_at <= casebase.now(), 'current_balance', o.current_balance)
            order by o.override_expires_at, o.id), '[]')
        from (
            select * from public.enforcement_cases c
            where c.tenant_id = v_tenant_id and c.tier_override is not null and c.closed_at is null
            order by c.override_expires_at, c.id
            limit 500
        ) o
        join public.plaintiffs p on p.id = o.plaintiff_id and p.tenant_id = o.tenant_id));
end
$$;

create or replace function public.list_tier_overrides(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_tier_overrides(tenant_id)
$$;

comment on function public.list_tier_overrides(uuid) is
    'The first 500 open cases of a tenant whose tier was set by hand, the soonest to end first: {items [{case_id, reference, '
    'plaintiff_name, tier_override, score_tier, collectability_score, override_expires_at, override_note, is_expired (ends '
    'with the next nightly run), current_balance}]}. Members too. 403 forbidden; 404 tenant_not_found.';

revoke execute on function enforcement.list_tier_overrides(uuid), public.list_tier_overrides(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.list_tier_overrides(uuid), public.list_tier_overrides(uuid)
to authenticated, service_role;
