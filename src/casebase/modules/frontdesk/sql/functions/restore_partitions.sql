-- Rows that were loaded into the default partition would be moved once more, and the operators told of a wrong clock.
create or replace function frontdesk.restore_partitions(partitions text[]) returns void
    language plpgsql
    set search_path = ''
as $$
declare
    v_month text;
begin
    perform frontdesk.lock_metric_months();
    for v_month in
        select substring(p, '^(?:public\.analytics|frontdesk\.expired)_metrics_(\d{4}_\d\d)$') from unnest(partitions) p order by 1
    loop
        continue when v_month is null;
        perform frontdesk.make_metric_month(to_date(v_month, 'YYYY_MM'));
    end loop;
end
$$;

comment on function frontdesk.restore_partitions(text[]) is
    'Make the months of public.analytics_metrics that these tables were, or were taken out of it to be; casebase migrate restore '
    'asks for it with the dump''s partitions, before it loads rows.';

revoke execute on function frontdesk.restore_partitions(text[]) from public;
