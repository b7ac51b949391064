create or replace function enforcement.tier_of(score numeric) returns text
    language sql stable
    set search_path = ''
as $$
    select t.tier from public.enforcement_tier_lookup t
    where t.min_score <= coalesce(round(tier_of.score, 2), 0) order by t.min_score desc limit 1
$$;

comment on function enforcement.tier_of(numeric) is 'The tier of a collectability score; a case without one is in the lowest.';

revoke execute on function enforcement.tier_of(numeric) from public;
grant execute on function enforcement.tier_of(numeric) to authenticated, service_role;
