-- Definer: whoever writes the table need not be able to tell pages. By run, as a page that were told of each notification
-- would be told of thousands.
create or replace function notifications.tell_run_live() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform casebase.notify_live(new.organization_id, 'notifications', new.id);
    return null;
end
$$;

comment on function notifications.tell_run_live() is 'Renew open console pages when an evaluation has ended.';

revoke execute on function notifications.tell_run_live() from public;
