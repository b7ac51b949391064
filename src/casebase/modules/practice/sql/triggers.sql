-- An account and its profile

create or replace trigger users_make_profile after insert on auth.users
    for each row execute function practice.make_profile();
create or replace trigger users_keep_profile after update on auth.users
    for each row execute function practice.keep_profile();

-- What is kept by the database alone

create or replace trigger profiles_touch_updated_at before update on public.profiles
    for each row execute function casebase.touch_updated_at();
-- A message, of which there are many a session, is counted with its moment, and completes nothing: it pays for neither.
create or replace trigger sessions_touch_updated_at before update on public.sessions
    for each row when (new.updated_at <= old.updated_at) execute function casebase.touch_updated_at();
create or replace trigger sessions_complete_at_once before insert on public.sessions
    for each row when (new.is_completed) execute function practice.fill_completion();
create or replace trigger sessions_complete before update on public.sessions
    for each row when (old.is_completed or new.is_completed) execute function practice.fill_completion();
create or replace trigger sessions_count_completion after insert or update of is_completed on public.sessions
    for each row when (new.is_completed) execute function practice.count_completion();

-- Statements with tables of their new rows: one trigger for each kind of statement.
create or replace trigger messages_count after insert on public.messages
    referencing new table as added for each statement execute function practice.count_messages();
create or replace trigger messages_stay before update on public.messages
    for each row execute function practice.refuse_rewritten_message();
create or replace trigger messages_leave_with_their_session after delete on public.messages
    referencing old table as removed for each statement execute function practice.refuse_removed_messages();
