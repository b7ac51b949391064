-- Definer: as mortgage.refuse_after_erasure. The timeline itself goes on: a case may be signed after its contact is gone.
create or replace function mortgage.empty_after_erasure() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if exists (
        select from public.scenario_cases c
        where c.id = new.case_id and c.tenant_id = new.tenant_id and c.erased_at is not null
    ) then
        new.payload_json := mortgage.kept_payload(new.payload_json, mortgage.kept_keys(new.event_type));
    end if;
    return new;
end
$$;

comment on function mortgage.empty_after_erasure() is 'Trigger: an event of an erased case is stored as expiry would have left it.';

revoke execute on function mortgage.empty_after_erasure() from public;
