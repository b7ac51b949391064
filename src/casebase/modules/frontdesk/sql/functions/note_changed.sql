-- Definer: whoever changes a booking need not be able to write the counts.
create or replace function frontdesk.note_changed() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform frontdesk.count_changed_days(
        array_agg(c.tenant_id), array_agg(c.slot_id), array_agg(c.starts_at), array_agg(c.ends_at))
    from (select * from was union all select * from changed) c;
    return null;
end
$$;

comment on function frontdesk.note_changed() is 'Trigger: what was cached of the days of rows that changed, before and after is not asked for any more.';

revoke execute on function frontdesk.note_changed() from public;
