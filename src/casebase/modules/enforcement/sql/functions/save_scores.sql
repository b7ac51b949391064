-- Definer: nobody writes to the table. Called by casebase.complete_job, in the transaction that ends the job. What
-- set_case_scores and set_case_enrichment do one after the other, with one look at the open case.
create or replace function enforcement.save_scores(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_docket judgments.cases;
begin
    perform enforcement.require_scores(
        jsonb_build_object(
            'identity_score', payload -> 'identity_score',
            'contactability_score', payload -> 'contactability_score',
            'asset_score', payload -> 'asset_score',
            'recency_amount_score', payload -> 'recency_amount_score',
            'adverse_penalty', payload -> 'adverse_penalty',
            'collectability_score', payload -> 'collectability_score'),
        payload ->> 'collectability_tier', (payload ->> 'collectability_score')::numeric);
    v_docket := enforcement.locked_docket((payload ->> 'case_id')::uuid, 'case_id');
    update judgments.cases c
    set identity_score = (payload ->> 'identity_score')::numeric,
        contactability_score = (payload ->> 'contactability_score')::numeric,
        asset_score = (payload ->> 'asset_score')::numeric,
        recency_amount_score = (payload ->> 'recency_amount_score')::numeric,
        adverse_penalty = (payload ->> 'adverse_penalty')::numeric,
        collectability_score = (payload ->> 'collectability_score')::numeric,
        collectability_tier = payload ->> 'collectability_tier',
        enrichment_summary = coalesce(
            left(enforcement.clean_text(v_docket.judgment_id, payload ->> 'summary'), 4000), c.enrichment_summary),
        last_scored_at = casebase.now(), last_enriched_at = casebase.now()
    where c.id = v_docket.id
    returning * into v_docket;
    perform enforcement.update_open_case(v_docket, true, 'automation');
end
$$;

comment on function enforcement.save_scores(jsonb) is
    'The result of an enrich job: a docket''s scores, tier and summary, in the transaction that ends the job.';

revoke execute on function enforcement.save_scores(jsonb) from public, anon, authenticated, service_role;
grant execute on function enforcement.save_scores(jsonb) to service_role;
