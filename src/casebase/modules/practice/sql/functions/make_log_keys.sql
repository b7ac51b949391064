-- Ahead of time, and in a transaction that holds nothing else: whoever needed a key that another is making would wait for
-- all that the other does.
create or replace function practice.make_log_keys() returns void
    language sql
    set search_path = ''
as $$
    insert into practice.log_keys (week_until)
    select practice.next_week(casebase.now() + ahead) from unnest(array[interval '0', interval '168 hours']) ahead
    on conflict (week_until) do nothing
$$;

comment on function practice.make_log_keys() is 'See to it that this week''s log has a key, and the next week''s.';

revoke execute on function practice.make_log_keys() from public;
