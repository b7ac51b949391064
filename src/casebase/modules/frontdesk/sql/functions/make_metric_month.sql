-- The table is made aside, indexes and all, and attached: so the many who write and read metrics wait for no more than the
-- attaching, however many rows are moved. Until it is committed they are read where they are.
-- Names are made of the month alone.
create or replace function frontdesk.make_metric_month(month date) returns bigint
    language plpgsql
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    v_name constant text := 'analytics_metrics_' || to_char(month, 'YYYY_MM');
    v_from constant timestamptz := month::timestamptz;
    v_until constant timestamptz := (month + interval '1 month')::timestamptz;
    v_moved bigint;
begin
    if to_regclass('public.' || v_name) is not null then
        return 0;
    end if;
    execute format(
        'create table public.%I (like public.analytics_metrics including defaults including constraints including indexes)',
        v_name);
    -- What the partition's bounds say already. It stays when the month is taken out, so that nobody waits while all its rows
    -- are looked at again.
    execute format(
        'alter table public.%I add constraint created_at_is_of_the_month check (created_at >= %L and created_at < %L)',
        v_name, v_from, v_until);
    execute format('alter table public.%I enable row level security', v_name);
    execute format('create policy %I on public.%I for select using (false)', v_name || '_select_nobody', v_name);
    -- Supabase grants its API roles everything on whatever is made in public.
    execute format('revoke all on public.%I from public, anon, authenticated, service_role', v_name);
    execute format(
        'comment on table public.%I is %L', v_name, 'Metrics of ' || to_char(month, 'YYYY-MM') || ', read through their table.');
    -- Whoever adds one for this month meanwhile waits, then finds the partition.
    lock table public.analytics_metrics_default in share row exclusive mode;
    execute format(
        'insert into public.%I select * from public.analytics_metrics_default where created_at >= $1 and created_at < $2', v_name)
    using v_from, v_until;
    delete from public.analytics_metrics_default where created_at >= v_from and created_at < v_until;
    get diagnostics v_moved = row_count;
    execute format(
        'alter table public.analytics_metrics attach partition public.%I for values from (%L) to (%L)', v_name, v_from, v_until);
    return v_moved;
end
$$;

comment on function frontdesk.make_metric_month(date) is
    'Make a month''s partition of public.analytics_metrics unless it is there, and move its rows from the default one there; '
    'returns how many. The caller holds the lock of frontdesk.lock_metric_months.';

revoke execute on function frontdesk.make_metric_month(date) from public;
