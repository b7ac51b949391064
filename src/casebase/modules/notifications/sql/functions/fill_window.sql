-- For who writes the table directly with the specified columns alone.
create or replace function notifications.fill_window() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    new.cooldown_window_start := coalesce(new.cooldown_window_start, new.triggered_at);
    new.cooldown_until := coalesce(new.cooldown_until, new.cooldown_window_start + (
        select make_interval(secs => extract(epoch from r.cooldown)::float8)
        from notifications.rules_of(new.organization_id) r where r.scenario_type = new.scenario_type));
    new.dedupe_key := coalesce(new.dedupe_key, new.milestone_value::text,
        to_char(new.triggered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
    return new;
end
$$;

comment on function notifications.fill_window() is
    'Give a notification its organisation''s cooldown and a key of its own, where its writer gave none.';

revoke execute on function notifications.fill_window() from public;
