-- Definer: the service changes cases through functions alone. Set-based, and only rows that change are written: a night
-- without news locks nothing. Dockets before cases, as everybody locks them who needs both; a case that somebody works on
-- is waited for, and looked at again as it has become.
create or replace function enforcement.refresh_enforcement_metrics(batch_limit int) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set jit = off
as $$
declare
    v_now timestamptz := casebase.now();
    v_changed jsonb;
    v_dockets int;
    v_breaches int;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object", "properties": {"batch_limit": {"type": "integer", "minimum": 1}}
    }');
    -- One at a time: two would take the same rows in two orders.
    perform pg_advisory_xact_lock(hashtextextended('enforcement.refresh_enforcement_metrics', 0));

    -- Tiers are rows: when somebody has moved their bounds, scores that did not change fall into others.
    with moved as (
        select d.id, t.tier
        from judgments.cases d
        join enforcement.tier_bounds() t on d.collectability_score >= t.from_score and d.collectability_score < t.below_score
        where d.collectability_tier <> t.tier
        limit batch_limit
        for no key update of d
    ), changed as (
        update judgments.cases d set collectability_tier = m.tier from moved m where d.id = m.id returning 1
    )
    select count(*) into v_dockets from changed;

    -- All cases are locked before a task is: tiers are passed on to tasks when the last statement that changes cases ends,
    -- and whoever logs a call holds its case before tasks of the plaintiff's other cases. By what the next action will be where
    -- none is set; for all at once, so that a tenant gets one alert a night and not one a batch.
    with late as (
        update public.enforcement_cases c
        set breach_alerted_for = coalesce(c.next_action_at, c.stage_entered_at + make_interval(days => s.sla_days))
        from public.enforcement_stage_lookup s
        where s.stage = c.current_stage and c.closed_at is null
          and coalesce(c.next_action_at, c.stage_entered_at + make_interval(days => s.sla_days)) < v_now
          and c.breach_alerted_for
              is distinct from coalesce(c.next_action_at, c.stage_entered_at + make_interval(days => s.sla_days))
        returning c.tenant_id, s.ordinal, c.current_stage
    ), stages as (
        select l.tenant_id, l.ordinal, l.current_stage, count(*) as case_count
        from late l
        group by l.tenant_id, l.ordinal, l.current_stage
    ), alerted as (
        select sum(s.case_count) as case_count, casebase.raise_alert(
            s.tenant_id, 'sla_breached',
            format('Cases past their SLA since the last run: %s', sum(s.case_count)),
            format('By stage: %s.', string_agg(s.current_stage || ' ' || s.case_count, ', ' order by s.ordinal)),
            to_char(v_now at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))
        from stages s
        group by s.tenant_id
    )
    select coalesce(sum(a.case_count), 0) into v_breaches from alerted a;

    with due as (
        select c.id, c.tenant_id, c.tier, c.tier_override, c.override_expires_at, c.next_action_at,
               e.is_ended, e.tier as new_tier, e.next_action_at as new_next_action_at
        from public.enforcement_cases c
        join public.enforcement_stage_lookup s on s.stage = c.current_stage
        left join enforcement.tier_bounds() t
            on coalesce(c.collectability_score, 0) >= t.from_score and coalesce(c.collectability_score, 0) < t.below_score
        cross join lateral (
            select
                coalesce(c.override_expires_at <= v_now, false) as is_ended,
                -- Without a score there is nothing to go by: the tier that a case was opened with stays.
                case when c.override_expires_at > v_now or c.override_expires_at is null and c.collectability_score is null
                    then c.tier else coalesce(t.tier, c.tier) end as tier,
                coalesce(c.next_action_at, c.stage_entered_at + make_interval(days => s.sla_days)) as next_action_at
        ) e
        where c.closed_at is null
          and (e.is_ended or e.tier <> c.tier or e.next_action_at is distinct from c.next_action_at)
        limit batch_limit
        for no key update of c
    ), changed as (
        update public.enforcement_cases c
        set tier = d.new_tier,
            tier_reason = case when not d.is_ended and d.new_tier = c.tier then c.tier_reason
                               when c.collectability_score is null then 'no score' else 'score' end,
            tier_as_of = case when not d.is_ended and d.new_tier = c.tier then c.tier_as_of else v_now end,
            tier_override = case when not d.is_ended then c.tier_override end,
            override_expires_at = case when not d.is_ended then c.override_expires_at end,
            override_note = case when not d.is_ended then c.override_note end,
            next_action_at = d.new_next_action_at
        from due d
        where c.id = d.id
    ), written as (
        insert into public.enforcement_history (tenant_id, enforcement_case_id, change, delta, actor, actor_type)
        select d.tenant_id, d.id,
               case when d.is_ended then 'override_expired' when d.new_tier <> d.tier then 'tier_changed' else 'next_action_set' end,
               case when d.new_tier <> d.tier
                   then jsonb_build_object('tier', jsonb_build_object('from', d.tier, 'to', d.new_tier)) else '{}' end
               || case when d.is_ended then jsonb_build_object(
                      'tier_override', jsonb_build_object('from', d.tier_override, 'to', null),
                      'override_expires_at', jsonb_build_object('from', d.override_expires_at, 'to', null)) else '{}' end
               || case when d.new_next_action_at is distinct from d.next_action_at then jsonb_build_object(
                      'next_action_at', jsonb_build_object('from', null, 'to', d.new_next_action_at)) else '{}' end,
               'refresh_enforcement_metrics', 'automation'
        from due d
    )
    select jsonb_build_object(
        'cases', count(*),
        'tiers_changed', count(*) filter (where d.new_tier <> d.tier),
        'overrides_ended', count(*) filter (where d.is_ended),
        'next_actions_set', count(*) filter (where d.new_next_action_at is distinct from d.next_action_at))
    into v_changed
    from due d;

    v_changed := v_changed || jsonb_build_object(
        'breaches', v_breaches,
        'is_more', coalesce(batch_limit <= greatest((v_changed ->> 'cases')::int, v_dockets), false));
    if not (v_changed ->> 'is_more')::boolean then
        perform enforcement.fold_enforcement_counts();
    end if;
    return v_changed;
end
$$;

create or replace function public.refresh_enforcement_metrics(batch_limit int default null) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.refresh_enforcement_metrics(batch_limit)
$$;

comment on function public.refresh_enforcement_metrics(int) is
    'Bring all tenants'' open cases up to date: end overrides whose time is over, take tiers from scores where no override '
    'lasts, set next actions that are missing by the stage''s SLA, and alert, once each, of cases that have passed theirs, '
    'summed up by tenant. What changes is told in history. Days in a stage are computed when read. With a batch_limit up to '
    'that many of each, is_more telling that others wait. Returns {cases, tiers_changed, overrides_ended, next_actions_set, '
    'breaches, is_more}. Scheduled nightly; for the service alone. 422 invalid_input.';

revoke execute on function enforcement.refresh_enforcement_metrics(int), public.refresh_enforcement_metrics(int)
from public, anon, authenticated, service_role;
grant execute on function enforcement.refresh_enforcement_metrics(int), public.refresh_enforcement_metrics(int) to service_role;
