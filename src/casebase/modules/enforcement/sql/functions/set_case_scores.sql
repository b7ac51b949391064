-- Definer: the service reads these tables and writes them through functions alone.
create or replace function enforcement.set_case_scores(
    p_case_id uuid,
    p_identity_score numeric,
    p_contactability_score numeric,
    p_asset_score numeric,
    p_recency_amount_score numeric,
    p_adverse_penalty numeric,
    p_collectability_score numeric,
    p_collectability_tier text
) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_docket judgments.cases;
begin
    perform enforcement.require_scores(
        jsonb_build_object(
            'p_identity_score', p_identity_score,
            'p_contactability_score', p_contactability_score,
            'p_asset_score', p_asset_score,
            'p_recency_amount_score', p_recency_amount_score,
            'p_adverse_penalty', p_adverse_penalty,
            'p_collectability_score', p_collectability_score),
        p_collectability_tier, p_collectability_score);
    v_docket := enforcement.locked_docket(p_case_id, 'p_case_id');
    update judgments.cases c
    set identity_score = p_identity_score, contactability_score = p_contactability_score, asset_score = p_asset_score,
        recency_amount_score = p_recency_amount_score, adverse_penalty = p_adverse_penalty,
        collectability_score = p_collectability_score, collectability_tier = p_collectability_tier,
        last_scored_at = casebase.now()
    where c.id = v_docket.id
    returning * into v_docket;
    perform enforcement.update_open_case(v_docket, true);
end
$$;

create or replace function public.set_case_scores(
    p_case_id uuid,
    p_identity_score numeric,
    p_contactability_score numeric,
    p_asset_score numeric,
    p_recency_amount_score numeric,
    p_adverse_penalty numeric,
    p_collectability_score numeric,
    p_collectability_tier text
) returns void
    language sql
    set search_path = ''
as $$
    select enforcement.set_case_scores(
        p_case_id, p_identity_score, p_contactability_score, p_asset_score, p_recency_amount_score, p_adverse_penalty,
        p_collectability_score, p_collectability_tier)
$$;

comment on function public.set_case_scores(uuid, numeric, numeric, numeric, numeric, numeric, numeric, text) is
    'Keep the scores of a docket (judgments.cases.id), each 0 to 100 with two decimals, and the tier that the last one has. The '
    'open case''s score, and its tier unless an override lasts, follow in the same transaction. For the service alone; '
    '404 case_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.set_case_scores(uuid, numeric, numeric, numeric, numeric, numeric, numeric, text),
    public.set_case_scores(uuid, numeric, numeric, numeric, numeric, numeric, numeric, text)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.set_case_scores(uuid, numeric, numeric, numeric, numeric, numeric, numeric, text),
    public.set_case_scores(uuid, numeric, numeric, numeric, numeric, numeric, numeric, text)
to service_role;
