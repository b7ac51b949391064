-- Definer: whoever writes metrics need not be able to write the marks.
create or replace function frontdesk.mark_metrics() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    insert into frontdesk.metric_marks (tenant_id, name, starts_at)
    select distinct a.tenant_id, a.name, date_trunc('hour', a.created_at, 'UTC') from added a;
    return null;
end
$$;

comment on function frontdesk.mark_metrics() is 'Trigger: the hours that metrics were added to are to be counted (anew).';

revoke execute on function frontdesk.mark_metrics() from public;
