create or replace function practice.fill_completion() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if tg_op = 'UPDATE' and old.is_completed and to_jsonb(new) - 'updated_at' <> to_jsonb(old) - 'updated_at' then
        perform casebase.fail(409, 'session_completed', '{}', 'A completed session stays what it is.');
    end if;
    if new.is_completed then
        new.completed_at := coalesce(new.completed_at, greatest(casebase.now(), new.last_activity_at));
        new.duration_seconds := extract(epoch from new.completed_at - new.started_at)::int;
    end if;
    return new;
end
$$;

comment on function practice.fill_completion() is
    'Trigger: a session that is completed gets its time and its duration in seconds, once, and never changes again.';

revoke execute on function practice.fill_completion() from public;
