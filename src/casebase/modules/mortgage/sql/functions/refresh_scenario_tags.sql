-- Definer: the service may not lock cases it cannot otherwise change. Busy cases are skipped: whoever holds one refreshes
-- its tags, and if not, its term is still over at the next run.
create or replace function mortgage.refresh_scenario_tags(batch_limit int) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_count int := 0;
begin
    for v_case in
        select * from public.scenario_cases c
        where c.tags_due_at < casebase.now() and c.status <> 'closed'
        order by c.tags_due_at
        limit least(greatest(batch_limit, 1), 1000)
        for no key update skip locked
    loop
        if mortgage.refresh_tags(v_case) then
            perform casebase.notify_live(v_case.tenant_id, 'mortgage.case', v_case.id);
        end if;
        v_count := v_count + 1;
    end loop;
    return v_count;
end
$$;

create or replace function public.refresh_scenario_tags(batch_limit int default 200) returns int
    language sql
    set search_path = ''
as $$
    select mortgage.refresh_scenario_tags(batch_limit)
$$;

comment on function public.refresh_scenario_tags(int) is
    'Apply the heuristics to up to batch_limit cases for which a term has ended, and return how many there were. Scheduled.';

revoke execute on function mortgage.refresh_scenario_tags(int), public.refresh_scenario_tags(int)
from public, anon, authenticated, service_role;
grant execute on function mortgage.refresh_scenario_tags(int), public.refresh_scenario_tags(int) to service_role;
