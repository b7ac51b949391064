-- Definer: the alerts belong to the owner. One evaluates at a time, and who comes meanwhile leaves: the same is being done.
-- The unique index would still keep a second open alert out. An alert is raised above its threshold, stays open above the
-- lower clears_at, and is cleared when the value was not there for clears_after: so one around the threshold is told of once.
-- Those of a kind that are raised together are told in one message. An outage reaches functions one after the other, as they
-- are called: so those that follow wait until five minutes after the last message, and are then told in one too.
create or replace function casebase.evaluate_alerts() returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_message record;
    v_text record;
    v_told int := 0;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('casebase.evaluate_alerts', 0)) then
        return 0;
    end if;

    insert into casebase.alerts as a (kind, subject, value)
    select m.kind, m.subject, m.value
    from casebase.measure_alerts() m
    join casebase.alert_rules r on r.kind = m.kind
    left join casebase.alerts o on o.kind = m.kind and o.subject = m.subject and o.cleared_at is null
    where r.is_enabled
      and m.value > case when o.id is null then r.threshold else r.clears_at end
      and (o.id is not null or m.calls >= r.least_calls)
    order by m.kind, m.subject
    on conflict (kind, subject) where cleared_at is null
        do update set value = excluded.value, last_over_at = greatest(a.last_over_at, v_now);

    update casebase.alerts a set told_at = v_now
    where a.told_at is null and a.cleared_at is null
      and not exists (
          select from casebase.alerts t where t.kind = a.kind and t.told_at > v_now - interval '5 minutes');

    update casebase.alerts a set cleared_at = v_now
    from casebase.alert_rules r
    where r.kind = a.kind and a.cleared_at is null
      and (not r.is_enabled or (a.last_over_at < v_now and a.last_over_at <= v_now - r.clears_after));

    for v_message in
        select m.kind, m.told_at, e.is_over, m.subjects, m.measured, r.threshold, r.look_back
        from (
            select a.kind, a.told_at, a.told_at = v_now as is_new,
                   count(a.cleared_at) = count(*) and max(a.cleared_at) = v_now as is_over,
                   array_agg(a.subject order by a.value desc, a.subject) as subjects,
                   array_agg(a.value order by a.value desc, a.subject) as measured
            from casebase.alerts a
            where a.told_at is not null
            group by a.kind, a.told_at
        ) m
        join casebase.alert_rules r on r.kind = m.kind
        cross join lateral (values (false, m.is_new), (true, m.is_over)) as e (is_over, is_due)
        where e.is_due
        order by e.is_over, m.kind, m.told_at
    loop
        v_text := casebase.describe_alerts(
            v_message.kind, v_message.subjects, v_message.measured, v_message.threshold, v_message.look_back);
        if v_message.is_over then
            v_text.title := 'Cleared: ' || v_text.title;
            v_text.body := format('It is over; it was told %s UTC.',
                to_char(v_message.told_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'));
        end if;
        perform casebase.raise_alert(
            casebase.default_tenant(), v_message.kind, v_text.title, v_text.body,
            to_char(v_message.told_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
            || case when v_message.is_over then ' cleared' else ' raised' end);
        v_told := v_told + 1;
    end loop;
    return v_told;
end
$$;

comment on function casebase.evaluate_alerts() is
    'Tell of what is above its threshold, once while it lasts, those of a kind in one message, and once when all of a message is '
    'over; return how many messages that made.';

revoke execute on function casebase.evaluate_alerts() from public;
grant execute on function casebase.evaluate_alerts() to casebase_api;
