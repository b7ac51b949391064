-- Definer: the service reads these tables and writes them through functions alone.
create or replace function enforcement.set_case_enrichment(
    p_case_id uuid, p_collectability_score numeric, p_collectability_tier text, p_summary text
) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_docket judgments.cases;
begin
    perform enforcement.require_scores(
        jsonb_build_object('p_collectability_score', p_collectability_score), p_collectability_tier, p_collectability_score);
    perform casebase.require_valid(jsonb_build_object('p_case_id', p_case_id, 'p_summary', p_summary), '{
        "type": "object",
        "required": ["p_case_id"],
        "properties": {"p_case_id": {"type": "string"}, "p_summary": {"type": "string", "maxLength": 3000}}
    }');
    v_docket := enforcement.locked_docket(p_case_id, 'p_case_id');
    update judgments.cases c
    set collectability_score = p_collectability_score, collectability_tier = p_collectability_tier,
        enrichment_summary = coalesce(
            left(enforcement.clean_text(v_docket.judgment_id, p_summary), 4000), c.enrichment_summary),
        last_enriched_at = casebase.now()
    where c.id = v_docket.id
    returning * into v_docket;
    perform enforcement.update_open_case(v_docket, true);
end
$$;

create or replace function public.set_case_enrichment(
    p_case_id uuid, p_collectability_score numeric, p_collectability_tier text, p_summary text default null
) returns void
    language sql
    set search_path = ''
as $$
    select enforcement.set_case_enrichment(p_case_id, p_collectability_score, p_collectability_tier, p_summary)
$$;

comment on function public.set_case_enrichment(uuid, numeric, text, text) is
    'Keep what enrichment found of a docket (judgments.cases.id): its score, the score''s tier, and a summary, scrubbed; without '
    'one the earlier summary stays. The open case''s score, and its tier unless an override lasts, follow in the same '
    'transaction. For the service alone; 404 case_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.set_case_enrichment(uuid, numeric, text, text), public.set_case_enrichment(uuid, numeric, text, text)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.set_case_enrichment(uuid, numeric, text, text), public.set_case_enrichment(uuid, numeric, text, text)
to service_role;
