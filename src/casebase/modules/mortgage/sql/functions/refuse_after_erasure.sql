-- Definer: whoever inserts need not be able to read cases. An erased case's row was locked while it was erased, and all
-- that writes to a case locks that row first, so nothing slips in between.
create or replace function mortgage.refuse_after_erasure() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if exists (
        select from public.scenario_cases c
        where c.id = new.case_id and c.tenant_id = new.tenant_id and c.erased_at is not null
    ) then
        perform casebase.fail(409, 'consent_ended', '{"field": "case_id"}',
            'The consent of this case has ended: it keeps masked fields only.');
    end if;
    return new;
end
$$;

comment on function mortgage.refuse_after_erasure() is 'Trigger: what may be personal is no longer added once a case is erased.';

revoke execute on function mortgage.refuse_after_erasure() from public;
