-- Definer: whoever may write an event need not be able to publish one. What leaves the house can't be taken back when
-- consent ends, so it is what would outlive consent: no text of anybody's.
create or replace function mortgage.publish_event() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_type constant text := 'mortgage.' || new.event_type;
begin
    if casebase.is_event_wanted(new.tenant_id, v_type) then
        perform casebase.publish_event(
            new.tenant_id, v_type, new.case_id,
            jsonb_build_object('occurred_at', new.occurred_at, 'facts', mortgage.kept_payload(
                new.payload_json, mortgage.kept_keys(new.event_type),
                (select mortgage.subject_of(c.lead_id) from public.scenario_cases c
                 where c.id = new.case_id and c.tenant_id = new.tenant_id))),
            new.id);
    end if;
    return null;
end
$$;

comment on function mortgage.publish_event() is 'Trigger: an event on a timeline is published as mortgage.<event_type>, with ids and facts only.';

revoke execute on function mortgage.publish_event() from public;
