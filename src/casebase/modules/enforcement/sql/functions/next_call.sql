-- 12 CFR 1006.14(b)(2): no more than seven calls within seven consecutive days, and none within seven days after a
-- conversation, whose own day is the first. Days are the tenant's. Calls that are scheduled count as made, an overdue one
-- as made today; what a conversation itself asked for (callback) is not held up by it. Stricter than the law: calls that
-- did not connect count too.
create or replace function enforcement.next_call(
    plaintiff public.plaintiffs,
    at timestamptz,
    is_asked_for boolean default false,
    without_task_id uuid default null,
    out allowed_at timestamptz,
    out rule text,
    out calls_in_window int
)
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_settings enforcement.settings := enforcement.settings_of(plaintiff.tenant_id);
    v_today date := (casebase.now() at time zone v_settings.time_zone)::date;
    v_day date := (at at time zone v_settings.time_zone)::date;
    v_made date[];
    v_talked date[];
    v_calls date[];
    v_quiet_until date;
begin
    -- No window and no quiet is longer than sixty days.
    select coalesce(array_agg(c.day), '{}'), coalesce(array_agg(c.day) filter (where c.is_conversation), '{}')
    into v_made, v_talked
    from (
        select (a.called_at at time zone v_settings.time_zone)::date as day, a.is_conversation
        from public.plaintiff_call_attempts a
        where a.plaintiff_id = plaintiff.id and a.tenant_id = plaintiff.tenant_id
          and a.called_at > casebase.now() - interval '62 days'
    ) c;
    calls_in_window := (select count(*) from unnest(v_made) d where d > v_today - v_settings.call_window_days);
    allowed_at := at;
    if not v_settings.is_call_rule_enabled then
        return;
    end if;

    v_calls := v_made || array(
        select (greatest(t.due_at, casebase.now()) at time zone v_settings.time_zone)::date
        from public.plaintiff_tasks t
        where t.plaintiff_id = plaintiff.id and t.tenant_id = plaintiff.tenant_id and t.kind = 'call'
          and t.status = 'open' and t.id is distinct from without_task_id);
    loop
        v_quiet_until := (select max(d) + v_settings.quiet_days_after_conversation from unnest(v_talked) d
                          where d <= v_day and not is_asked_for);
        if v_quiet_until > v_day then
            rule := coalesce(rule, 'quiet_days_after_conversation');
            v_day := v_quiet_until;
        elsif exists (
            -- Every window that holds the day.
            select from generate_series(0, v_settings.call_window_days - 1) ahead
            where (select count(*) from unnest(v_calls) d
                   where d > v_day + ahead - v_settings.call_window_days and d <= v_day + ahead) >= v_settings.calls_per_window
        ) then
            rule := coalesce(rule, 'calls_per_window');
            v_day := v_day + 1;
        else
            exit;
        end if;
        allowed_at := v_day::timestamp at time zone v_settings.time_zone;
    end loop;
end
$$;

comment on function enforcement.next_call(public.plaintiffs, timestamptz, boolean, uuid) is
    'Whether a plaintiff may be called at a time, without_task_id aside: allowed_at, that time or the beginning of the first '
    'day after it on which they may; the rule that stands against the time itself (calls_per_window, '
    'quiet_days_after_conversation, else null); and how many calls were made in the window that ends today.';

revoke execute on function enforcement.next_call(public.plaintiffs, timestamptz, boolean, uuid) from public;
