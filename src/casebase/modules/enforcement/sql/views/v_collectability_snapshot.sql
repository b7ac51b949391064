create or replace view public.v_collectability_snapshot with (security_invoker = on) as
select
    c.tenant_id,
    c.id as case_id,
    c.judgment_id,
    c.case_number,
    c.county,
    c.state,
    c.priority_level,
    c.judgment_amount,
    c.collectability_score,
    c.collectability_tier,
    c.identity_score,
    c.contactability_score,
    c.asset_score,
    c.recency_amount_score,
    c.adverse_penalty,
    c.last_enriched_at,
    c.last_scored_at,
    c.is_opened
from judgments.cases c;

comment on view public.v_collectability_snapshot is
    'A row a docket: how collectable its judgment is, by which scores, and what ranks it. case_id is the docket''s.';
