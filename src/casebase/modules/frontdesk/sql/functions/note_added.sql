-- Definer: whoever books need not be able to write the counts.
create or replace function frontdesk.note_added() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform frontdesk.count_changed_days(
        array_agg(c.tenant_id), array_agg(c.slot_id), array_agg(c.starts_at), array_agg(c.ends_at))
    from added c;
    return null;
end
$$;

comment on function frontdesk.note_added() is 'Trigger: what was cached of the days of rows that came is not asked for any more.';

revoke execute on function frontdesk.note_added() from public;
