create or replace function enforcement.tier_bounds() returns table (tier text, from_score numeric, below_score numeric)
    language sql stable
    set search_path = ''
as $$
    select t.tier, t.min_score, coalesce(lead(t.min_score) over (order by t.min_score), 'infinity')
    from public.enforcement_tier_lookup t
$$;

comment on function enforcement.tier_bounds() is
    'The tiers, each from its score to below the next one''s: enforcement.tier_of for many scores at once.';

revoke execute on function enforcement.tier_bounds() from public;
