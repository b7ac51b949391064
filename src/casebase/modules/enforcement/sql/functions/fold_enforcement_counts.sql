-- Definer: nobody else writes the counts. Two at once do no harm: a row is deleted by one of them only, and what is one
-- row already stays as it is.
create or replace function enforcement.fold_enforcement_counts() returns void
    language sql security definer
    set search_path = ''
as $$
    with taken as (
        delete from enforcement.case_counts c
        using (
            select k.tenant_id, k.tier, k.current_stage from enforcement.case_counts k
            group by k.tenant_id, k.tier, k.current_stage
            having count(*) > 1 or sum(k.case_count) = 0
        ) f
        where c.tenant_id = f.tenant_id and c.tier = f.tier and c.current_stage = f.current_stage
        returning c.*
    )
    insert into enforcement.case_counts
    select t.tenant_id, t.tier, t.current_stage, sum(t.case_count), sum(t.current_balance), sum(t.stage_entered)
    from taken t
    group by t.tenant_id, t.tier, t.current_stage
    having sum(t.case_count) <> 0
$$;

create or replace function public.fold_enforcement_counts() returns void
    language sql
    set search_path = ''
as $$
    select enforcement.fold_enforcement_counts()
$$;

comment on function public.fold_enforcement_counts() is
    'Sum up the counted changes of cases into one row a tenant, tier and stage, so that boards stay quick; what they show does '
    'not change. Scheduled; for the service alone.';

revoke execute on function enforcement.fold_enforcement_counts(), public.fold_enforcement_counts()
from public, anon, authenticated, service_role;
grant execute on function enforcement.fold_enforcement_counts(), public.fold_enforcement_counts() to service_role;
