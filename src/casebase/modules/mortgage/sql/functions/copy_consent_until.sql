-- Definer: whoever may change a consent need not be able to change cases.
create or replace function mortgage.copy_consent_until() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update public.scenario_cases c
    set consent_until = least(new.until, new.withdrawn_at)
    where c.consent_id = new.id and c.lead_id = new.lead_id and c.tenant_id = new.tenant_id;
    update public.scenario_documents d
    set expires_at = least(new.until, new.withdrawn_at)
    from public.scenario_cases c
    where c.consent_id = new.id and c.lead_id = new.lead_id and c.tenant_id = new.tenant_id
      and d.case_id = c.id and d.tenant_id = c.tenant_id;
    return null;
end
$$;

comment on function mortgage.copy_consent_until() is 'Trigger: the cases and documents of an extended or withdrawn consent follow it.';

revoke execute on function mortgage.copy_consent_until() from public;
