create or replace function enforcement.tier_of(score numeric) returns text
    language sql stable
    set search_path = ''
as $$
    select t.tier from public.enforcement_tier_lookup t
    -- The highest that is reached; of a score below them all the nearest, which is the lowest.
    order by t.min_score <= coalesce(round(tier_of.score, 2), 0) desc, abs(t.min_score - coalesce(round(tier_of.score, 2), 0))
    limit 1
$$;

comment on function enforcement.tier_of(numeric) is
    'The tier of a collectability score; without one, and below every tier''s least, it is the lowest.';

revoke execute on function enforcement.tier_of(numeric) from public;
grant execute on function enforcement.tier_of(numeric) to authenticated, service_role;
