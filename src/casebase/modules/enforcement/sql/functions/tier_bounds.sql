create or replace function enforcement.tier_bounds() returns table (tier text, from_score numeric, below_score numeric)
    language sql stable
    set search_path = ''
as $$
    select t.tier,
           case when lag(t.tier) over by_score is null then '-infinity' else t.min_score end,
           coalesce(lead(t.min_score) over by_score, 'infinity')
    from public.enforcement_tier_lookup t
    window by_score as (order by t.min_score)
$$;

comment on function enforcement.tier_bounds() is
    'The tiers, each from its score, the lowest from any, to below the next one''s: enforcement.tier_of for many scores at once.';

revoke execute on function enforcement.tier_bounds() from public;
