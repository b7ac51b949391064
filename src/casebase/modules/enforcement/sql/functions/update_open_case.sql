-- An override that has ended is taken off here as the nightly refresh would: the tier is the score's again.
create or replace function enforcement.update_open_case(
    docket judgments.cases,
    is_scored boolean,
    actor_type public.enforcement_actor_type default enforcement.actor_type()
) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_new public.enforcement_cases;
    v_delta jsonb;
begin
    select c.* into v_case from public.enforcement_cases c
    where c.judgment_id = docket.judgment_id and c.tenant_id = docket.tenant_id and c.closed_at is null
    for no key update;
    if not found then
        return;
    end if;
    v_new := v_case;
    v_new.asset_flags := enforcement.asset_flags_of(docket.judgment_id);
    if is_scored then
        v_new.collectability_score := docket.collectability_score;
        if v_case.override_expires_at <= casebase.now() then
            v_new.tier_override := null;
            v_new.override_expires_at := null;
            v_new.override_note := null;
        end if;
        if v_new.tier_override is null then
            v_new.tier := docket.collectability_tier;
            v_new.tier_reason := 'score';
            v_new.tier_as_of := casebase.now();
        end if;
    end if;

    select coalesce(jsonb_object_agg(n.key, jsonb_build_object('from', o.value, 'to', n.value)), '{}') into v_delta
    from jsonb_each(to_jsonb(v_new)) n
    join jsonb_each(to_jsonb(v_case)) o using (key)
    where n.value <> o.value
      and n.key in ('tier', 'tier_override', 'override_expires_at', 'collectability_score', 'asset_flags');

    update public.enforcement_cases c
    set asset_flags = v_new.asset_flags, collectability_score = v_new.collectability_score, tier = v_new.tier,
        tier_reason = v_new.tier_reason, tier_as_of = v_new.tier_as_of, tier_override = v_new.tier_override,
        override_expires_at = v_new.override_expires_at, override_note = v_new.override_note
    where c.id = v_case.id;
    if v_delta <> '{}' then
        perform enforcement.add_history(
            v_case,
            case when v_delta ? 'tier' then 'tier_changed' when v_delta ? 'tier_override' then 'override_expired'
                 when v_delta ? 'collectability_score' then 'score_changed' else 'assets_changed' end,
            v_delta, null, case when actor_type = 'automation' then 'enrichment' else enforcement.actor() end, actor_type);
        perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    end if;
end
$$;

comment on function enforcement.update_open_case(judgments.cases, boolean, public.enforcement_actor_type) is
    'Bring a locked docket''s open case up to date: the kinds of asset, and when is_scored the score and, unless an override '
    'lasts, the tier. What changed is one row of its history.';

revoke execute on function enforcement.update_open_case(judgments.cases, boolean, public.enforcement_actor_type) from public;
