-- Definer: of the debtor's data nothing is exposed but this, and to the service alone.
-- Stable, so its reply is never kept beside an idempotency key.
create or replace function enforcement.get_enrichment_subject(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_subject jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "judgment_id": {"type": "string", "format": "uuid"},
            "tenant_id": {"type": "string", "format": "uuid"}
        }
    }');
    select jsonb_build_object(
        'case_id', c.id,
        'judgment_id', j.id,
        'tenant_id', j.tenant_id,
        'case_number', c.case_number,
        'court', c.court,
        'county', c.county,
        'state', c.state,
        'judgment_amount', j.judgment_amount,
        'balance_due', j.balance_due,
        'judgment_date', j.judgment_date,
        'on', (casebase.now() at time zone 'UTC')::date,
        'debtor', (
            select jsonb_build_object('kind', e.kind, 'name', e.name, 'discriminator', e.discriminator)
            from enrichment.entities e where e.id = j.defendant_entity_id and e.tenant_id = j.tenant_id),
        'contacts', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'kind', k.kind, 'value', k.value, 'sources', k.sources, 'confidence', k.confidence,
                'is_do_not_contact', k.is_do_not_contact) order by k.kind, k.value_key), '[]')
            from enrichment.contacts k where k.case_id = c.id and k.tenant_id = c.tenant_id),
        'assets', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'kind', a.kind, 'description', a.description, 'sources', a.sources, 'confidence', a.confidence,
                'estimated_value', a.estimated_value) order by a.kind, a.asset_key), '[]')
            from enrichment.assets a where a.case_id = c.id and a.tenant_id = c.tenant_id),
        'adverse_signals', (
            select coalesce(jsonb_agg(distinct s.signal order by s.signal), '[]')
            from jsonb_each(c.adverse_signals) e cross join jsonb_array_elements_text(e.value) s (signal)),
        'tiers', (
            select jsonb_agg(jsonb_build_object('tier', t.tier, 'min_score', t.min_score) order by t.min_score)
            from public.enforcement_tier_lookup t))
    into v_subject
    from public.judgments j
    join judgments.cases c on c.judgment_id = j.id and c.tenant_id = j.tenant_id
    where j.id = coalesce(
              (payload ->> 'judgment_id')::uuid,
              (select e.judgment_id from public.enforcement_cases e where e.id = (payload ->> 'case_id')::uuid),
              (select d.judgment_id from judgments.cases d where d.id = (payload ->> 'case_id')::uuid))
      and j.tenant_id = coalesce((payload ->> 'tenant_id')::uuid, j.tenant_id);
    if v_subject is null then
        perform casebase.fail(404, case when payload ->> 'judgment_id' is null then 'case_not_found' else 'judgment_not_found' end,
            jsonb_build_object('field', case when payload ->> 'judgment_id' is null then 'case_id' else 'judgment_id' end));
    end if;
    return v_subject;
end
$$;

create or replace function public.get_enrichment_subject(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.get_enrichment_subject(payload)
$$;

comment on function public.get_enrichment_subject(jsonb) is
    'What is known of one judgment''s debtor, to ask a vendor and to score: {judgment_id or case_id (the enforcement '
    'case''s or the docket''s), tenant_id?}. Returns {case_id (the docket''s), judgment_id, tenant_id, docket fields, amounts, debtor, contacts, assets, '
    'adverse_signals, tiers, on}. For the service alone; 404 judgment_not_found, case_not_found; 422 invalid_input.';

revoke execute on function enforcement.get_enrichment_subject(jsonb), public.get_enrichment_subject(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.get_enrichment_subject(jsonb), public.get_enrichment_subject(jsonb) to service_role;
