create or replace function frontdesk.is_metric_month_closed(at timestamptz) returns boolean
    language sql stable
    set search_path = ''
as $$
    select exists (
        select from frontdesk.metric_archives a
        where a.month = date_trunc('month', is_metric_month_closed.at at time zone 'UTC')::date)
$$;

comment on function frontdesk.is_metric_month_closed(timestamptz) is
    'Whether the month of a moment was taken out: what came for it later is kept and exported, but changes no count.';

revoke execute on function frontdesk.is_metric_month_closed(timestamptz) from public;
