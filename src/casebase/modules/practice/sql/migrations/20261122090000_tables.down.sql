-- Takes the module out, with all its data. Accounts stay.

select pgmq.drop_queue(q) from unnest(array['practice_cleanup']) q
where exists (select from casebase.queues where name = q);
delete from casebase.queues where name in ('practice_cleanup');

drop trigger users_make_profile on auth.users;
drop trigger users_keep_profile on auth.users;

-- The exposed functions.
drop function public.log_events(jsonb);
drop function public.log_event(text, text, uuid, uuid, jsonb);
drop function public.list_log_events(jsonb);
drop function public.get_log_rates(timestamptz, timestamptz);
drop function public.delete_expired_sessions(int);
drop function public.delete_old_logs(int);
drop function public.reset_weekly_limits(int);
drop function public.append_message(uuid, text, text, uuid);
drop function public.start_session(int);
drop function public.get_active_session();
drop function public.complete_session(uuid);
drop function public.abandon_session(uuid);
drop function public.list_session_history(timestamptz, int);
drop function public.list_messages(uuid, timestamptz);
drop function public.list_scenarios();
drop function public.get_profile();
drop function public.delete_account();
drop function public.start_answer(jsonb);
drop function public.add_answer_chunks(jsonb);
drop function public.settle_answer(jsonb);
drop function public.read_answer(uuid, int);
drop function public.close_stale_answers(int);
drop function public.count_due_cleanups();

-- Those of the implementation, some of which speak of the tables' rows; at once, as one may be another's default. Triggers,
-- constraints and a policy hold some of them, which go with the schema.
do $$
begin
    execute (
        select format('drop function %s', string_agg(p.oid::regprocedure::text, ', '))
        from pg_catalog.pg_proc p
        where p.pronamespace = 'practice'::regnamespace
          and p.prorettype <> 'trigger'::regtype and p.proname not in ('next_week', 'is_log_metadata', 'is_administrator'));
end
$$;

drop table practice.answer_chunks, practice.answers, practice.log_keys, public.logs, public.messages, public.sessions,
    public.scenarios, public.profiles;

drop schema practice cascade;
