-- Definer: it writes what only rules may write, and queues jobs. Engines come one at a time (see lock_evaluation).
-- Rows, their jobs and the counts are one transaction, so a kill leaves all of a batch or nothing.
create or replace function notifications.evaluate_batch(
    organization_id uuid,
    scenario_types text[],
    at timestamptz,
    after_user uuid,
    batch_size int,
    run_id uuid,
    out evaluated int,
    out last_user uuid,
    out counts jsonb
)
    language plpgsql security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_variable
declare
    v_jobs jsonb[];
begin
    select count(*), (array_agg(m.user_id order by m.user_id desc))[1] into evaluated, last_user
    from (
        select u.user_id from public.tenant_users u
        where u.tenant_id = organization_id and u.user_id > after_user
        order by u.user_id
        limit batch_size
    ) m;
    counts := '{}'::jsonb;
    if evaluated = 0 then
        return;
    end if;

    if run_id is null then
        select coalesce(jsonb_object_agg(o.scenario_type, o.outcomes), '{}') into counts
        from (
            select c.scenario_type, jsonb_object_agg(c.outcome, c.count) as outcomes
            from (
                select d.scenario_type, coalesce(d.skip_reason, 'notified') as outcome, count(*) as count
                from notifications.find_due(organization_id, scenario_types, at, after_user, last_user) d
                group by d.scenario_type, outcome
            ) c
            group by c.scenario_type
        ) o;
        return;
    end if;

    with due as materialized (
        select * from notifications.find_due(organization_id, scenario_types, at, after_user, last_user)
    ),
    written as (
        insert into public.scenario_notifications as n (
            user_id, organization_id, scenario_type, triggered_at, milestone_value, metadata, cooldown_window_start,
            cooldown_until, dedupe_key)
        select d.user_id, organization_id, d.scenario_type, at, d.milestone_value, d.metadata, at, d.cooldown_until, d.dedupe_key
        from due d
        where d.skip_reason is null
        order by d.user_id, d.scenario_type
        on conflict do nothing
        returning n.id, n.scenario_type, n.metadata
    ),
    told as (
        insert into notifications.certification_stages (certification_id, expires_on, stage, notification_id)
        select c.id, c.expires_on, c.stage, w.id
        from written w
        cross join lateral jsonb_to_recordset(w.metadata -> 'certifications') as c (id uuid, expires_on date, stage int)
        where w.scenario_type = 'certification_expiry'
    ),
    outcome as (
        select w.scenario_type, 'notified' as outcome, count(*) as count from written w group by w.scenario_type
        union all
        select d.scenario_type, d.skip_reason, count(*) from due d where d.skip_reason is not null
        group by d.scenario_type, d.skip_reason
        union all
        -- Refused by a constraint: somebody else wrote it between our look and our write.
        select d.scenario_type, 'cooldown', count(*) - (select count(*) from written w where w.scenario_type = d.scenario_type)
        from due d where d.skip_reason is null group by d.scenario_type
    ),
    total as (
        select o.scenario_type, o.outcome, sum(o.count)::bigint as count from outcome o
        group by o.scenario_type, o.outcome having sum(o.count) > 0
    ),
    counted as (
        insert into notifications.run_counts as r (run_id, scenario_type, outcome, count)
        select run_id, t.scenario_type, t.outcome, t.count from total t
        on conflict on constraint run_counts_pkey do update set count = r.count + excluded.count
    )
    select
        (select coalesce(jsonb_object_agg(o.scenario_type, o.outcomes), '{}')
         from (select t.scenario_type, jsonb_object_agg(t.outcome, t.count) as outcomes from total t group by t.scenario_type) o),
        (select array_agg(jsonb_build_object('notification_id', w.id)) from written w)
    into counts, v_jobs;

    if v_jobs is not null then
        perform casebase.enqueue_all('notifications_dispatch', v_jobs);
    end if;
end
$$;

comment on function notifications.evaluate_batch(uuid, text[], timestamptz, uuid, int, uuid) is
    'Evaluate the next batch_size people of an organisation after after_user: write what is due, queue its jobs and count '
    'it in the run; without a run count only.';

revoke execute on function notifications.evaluate_batch(uuid, text[], timestamptz, uuid, int, uuid) from public;
