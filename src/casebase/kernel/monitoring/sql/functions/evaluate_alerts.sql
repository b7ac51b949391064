-- Definer: the alerts belong to the owner. One evaluates at a time, and who comes meanwhile leaves: the same is being done.
-- The unique index would still keep a second open alert out. An alert is raised above its threshold, stays open above the
-- lower clears_at, and is cleared when the value was not there for clears_after: so one around the threshold is told of once.
create or replace function casebase.evaluate_alerts() returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_alert record;
    v_told int := 0;
    v_text record;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('casebase.evaluate_alerts', 0)) then
        return 0;
    end if;

    for v_alert in
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
            do update set value = excluded.value, last_over_at = greatest(a.last_over_at, v_now)
        returning a.id, a.kind, a.subject, a.value, a.raised_at
    loop
        continue when v_alert.raised_at <> v_now;  -- open already, and told
        select d.* into strict v_text
        from casebase.alert_rules r
        cross join lateral casebase.describe_alert(r.kind, v_alert.subject, v_alert.value, r.threshold, r.look_back) d
        where r.kind = v_alert.kind;
        perform casebase.raise_alert(casebase.default_tenant(), v_alert.kind, v_text.title, v_text.body, v_alert.id || ' raised');
        v_told := v_told + 1;
    end loop;

    for v_alert in
        update casebase.alerts a set cleared_at = v_now
        from casebase.alert_rules r
        where r.kind = a.kind and a.cleared_at is null
          and (not r.is_enabled or (a.last_over_at < v_now and a.last_over_at <= v_now - r.clears_after))
        returning a.id, a.kind, a.raised_at,
                  (casebase.describe_alert(a.kind, a.subject, a.value, r.threshold, r.look_back)).title
    loop
        perform casebase.raise_alert(
            casebase.default_tenant(), v_alert.kind, 'Cleared: ' || v_alert.title,
            format('It is over; it was raised %s UTC.', to_char(v_alert.raised_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')),
            v_alert.id || ' cleared');
        v_told := v_told + 1;
    end loop;
    return v_told;
end
$$;

comment on function casebase.evaluate_alerts() is
    'Raise an alert for what is above its threshold, once while it lasts, and one when it is over; return how many were told.';

revoke execute on function casebase.evaluate_alerts() from public;
grant execute on function casebase.evaluate_alerts() to casebase_api;
