-- Rules of 21 November 2026; docs/modules/mortgage.md tells them in words. Whoever changes one raises the version.
--
-- Only what the rules put there is taken away again. A closed case keeps the tags it ended with.
create or replace function mortgage.refresh_tags(case_row public.scenario_cases) returns boolean
    language plpgsql
    set search_path = ''
as $$
declare
    v_rule_version constant text := 'tags-2026.1';
    v_rules constant text[] := array['#counter_offer', '#preemptive', '#retention_risk'];
    v_inputs public.scenario_inputs;
    v_revealed_at timestamptz;
    v_follow_up_due_at timestamptz;
    v_is_followed_up boolean;
    v_tags text[] := array[]::text[];
    v_changed int;
    v_added int;
begin
    if case_row.status = 'closed' then
        return false;
    end if;

    select * into v_inputs from public.scenario_inputs i
    where i.case_id = case_row.id and i.tenant_id = case_row.tenant_id
    order by i.version desc limit 1;
    if v_inputs.lock_in_remaining between 1 and 6 then
        v_tags := v_tags || '#preemptive'::text;
    end if;

    -- Two lenders outside the directory share a mask and need not be the same.
    if exists (
        select from public.scenario_events q
        where q.case_id = case_row.id and q.tenant_id = case_row.tenant_id and q.event_type = 'bank_quote'
          and q.payload_json ->> 'bank' = v_inputs.current_bank_mask
          and v_inputs.current_bank_mask <> (select b.mask from mortgage.banks b where b.code = 'other')
          and exists (
              select from public.scenario_events r
              where r.case_id = case_row.id and r.tenant_id = case_row.tenant_id and r.event_type = 'reveal'
                and (r.occurred_at, r.position) < (q.occurred_at, q.position))
    ) then
        v_tags := v_tags || '#counter_offer'::text;
    end if;

    select max(e.occurred_at) into v_revealed_at from public.scenario_events e
    where e.case_id = case_row.id and e.tenant_id = case_row.tenant_id and e.event_type = 'reveal';
    v_follow_up_due_at := v_revealed_at + interval '7 days';
    v_is_followed_up := exists (
        select from public.scenario_events e
        where e.case_id = case_row.id and e.tenant_id = case_row.tenant_id and e.event_type = 'follow_up'
          and e.occurred_at between v_revealed_at and v_follow_up_due_at);
    if v_follow_up_due_at < casebase.now() and not v_is_followed_up
       and case_row.net_savings >= (mortgage.settings_of(case_row.tenant_id)).retention_risk_savings then
        v_tags := v_tags || '#retention_risk'::text;
    end if;

    delete from public.scenario_tags t
    where t.case_id = case_row.id and t.tenant_id = case_row.tenant_id and t.source = 'heuristic'
      and t.tag = any (v_rules) and t.tag <> all (v_tags);
    get diagnostics v_changed = row_count;
    insert into public.scenario_tags (tenant_id, case_id, tag, source, rule_version)
    select case_row.tenant_id, case_row.id, g, 'heuristic', v_rule_version from unnest(v_tags) g
    on conflict on constraint one_row_a_tag do nothing;
    get diagnostics v_added = row_count;

    update public.scenario_cases c
    set tags_due_at = d.tags_due_at
    from (select case when v_follow_up_due_at >= casebase.now() and not v_is_followed_up then v_follow_up_due_at end) d (tags_due_at)
    where c.id = case_row.id and c.tags_due_at is distinct from d.tags_due_at;
    return v_changed + v_added > 0;
end
$$;

comment on function mortgage.refresh_tags(public.scenario_cases) is
    'Make the heuristic tags of a locked case what the rules say now (see docs/modules/mortgage.md), note when they must be '
    'looked at again, and say whether any changed.';

revoke execute on function mortgage.refresh_tags(public.scenario_cases) from public;
