-- Definer: whoever may change a consent need not be able to change cases.
create or replace function mortgage.copy_consent_until() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update public.scenario_cases c
    set consent_until = least(new.until, new.withdrawn_at)
    where c.consent_id = new.id and c.lead_id = new.lead_id and c.tenant_id = new.tenant_id;
    return null;
end
$$;

comment on function mortgage.copy_consent_until() is 'Trigger: the cases of an extended or withdrawn consent follow it.';

revoke execute on function mortgage.copy_consent_until() from public;
