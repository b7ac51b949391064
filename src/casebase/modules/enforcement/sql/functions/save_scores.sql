create or replace function enforcement.save_scores(payload jsonb) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform enforcement.set_case_scores(
        (payload ->> 'case_id')::uuid,
        (payload ->> 'identity_score')::numeric,
        (payload ->> 'contactability_score')::numeric,
        (payload ->> 'asset_score')::numeric,
        (payload ->> 'recency_amount_score')::numeric,
        (payload ->> 'adverse_penalty')::numeric,
        (payload ->> 'collectability_score')::numeric,
        payload ->> 'collectability_tier');
    perform enforcement.set_case_enrichment(
        (payload ->> 'case_id')::uuid, (payload ->> 'collectability_score')::numeric, payload ->> 'collectability_tier',
        payload ->> 'summary');
end
$$;

comment on function enforcement.save_scores(jsonb) is
    'The result of an enrich job: set_case_scores and set_case_enrichment in the transaction that ends the job.';

revoke execute on function enforcement.save_scores(jsonb) from public, anon, authenticated, service_role;
grant execute on function enforcement.save_scores(jsonb) to service_role;
