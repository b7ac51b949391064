-- Nothing is waited for: a case that somebody is working on, or whose contact is locked, is left to the next batch, as
-- a wait would prolong the locks already held.
create or replace function mortgage.erase_consent(consent public.consents, row_limit int default 500) returns boolean
    language plpgsql
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_lead public.leads;
    v_cases public.scenario_cases[] := array[]::public.scenario_cases[];
    v_subject text[] := mortgage.subject_of(consent.lead_id);
    v_counts jsonb := '{}'::jsonb;
    v_ids uuid[] := array[consent.id, consent.lead_id];
    v_through bigint;
    v_is_complete boolean := true;
    v_erased record;
begin
    select l.* into v_lead from public.leads l
    where l.id = consent.lead_id and l.tenant_id = consent.tenant_id for no key update skip locked;
    if not found then
        return null;
    end if;
    for v_case in
        select c.* from public.scenario_cases c
        where c.consent_id = consent.id and c.lead_id = consent.lead_id and c.tenant_id = consent.tenant_id
        for no key update skip locked
    loop
        v_cases := v_cases || v_case;
        v_ids := v_ids || v_case.id;
    end loop;
    if cardinality(v_cases) < (
        select count(*) from public.scenario_cases c
        where c.consent_id = consent.id and c.lead_id = consent.lead_id and c.tenant_id = consent.tenant_id
    ) then
        return null;
    end if;

    foreach v_case in array v_cases loop
        v_erased := mortgage.erase_case(v_case, v_subject, consent.erased_through, row_limit);
        v_counts := casebase.sum_counts(v_counts, v_erased.counts);
        if not v_erased.is_complete then
            -- Of several cases the one that is behind decides: what is looked at twice is erased once.
            v_through := least(v_through, v_erased.next_through);
        end if;
        v_is_complete := v_is_complete and v_erased.is_complete;
    end loop;

    if not v_is_complete then
        update public.consents k set erased_through = v_through where k.id = consent.id;
        perform casebase.note_erasure('mortgage', 'consents', consent.id, v_ids, v_counts, false);
        return false;
    end if;

    -- A borrower may have agreed to something else that still holds: then the contact is kept for that.
    if v_lead.erased_at is null and not exists (
        select from public.consents k
        where k.lead_id = consent.lead_id and k.tenant_id = consent.tenant_id and k.id <> consent.id and k.expired_at is null
    ) then
        update public.leads l
        set name = null, email = null, phone = null, erased_at = casebase.now(),
            source = case when mortgage.mentions(l.source, v_subject) then 'removed' else l.source end
        where l.id = consent.lead_id;
        v_counts := casebase.sum_counts(v_counts, '{"public.leads.name": 1, "public.leads.email": 1, "public.leads.phone": 1}');
    end if;

    update public.consents k
    set expired_at = casebase.now(), erased_through = 0,
        purposes = array(
            select distinct case when mortgage.mentions(p, v_subject) then 'removed' else p end as purpose
            from unnest(k.purposes) p order by purpose)
    where k.id = consent.id;
    foreach v_case in array v_cases loop
        insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
        values (v_case.tenant_id, v_case.id, 'consent_expired', jsonb_build_object(
            'reason', case when consent.withdrawn_at is null then 'lapsed' else 'withdrawn' end,
            'ended_at', least(consent.until, consent.withdrawn_at)));
        perform casebase.notify_live(v_case.tenant_id, 'mortgage.case', v_case.id);
    end loop;
    perform casebase.note_erasure('mortgage', 'consents', consent.id, v_ids, v_counts, true);
    return true;
end
$$;

comment on function mortgage.erase_consent(public.consents, int) is
    'Erase what a locked, ended consent had allowed to be kept, with its receipt and, once all is erased, its '
    'consent_expired events. False while more is left for the next call; null, and nothing changed, while somebody else '
    'works on one of its cases.';

revoke execute on function mortgage.erase_consent(public.consents, int) from public;
