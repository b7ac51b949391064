-- Nobody touches the sessions but through the functions of this unit, which run as their owner.
revoke all on casebase.console_sessions from anon, authenticated, service_role, casebase_api;
drop policy if exists console_sessions_all_nobody on casebase.console_sessions;
create policy console_sessions_all_nobody on casebase.console_sessions for all using (false);
-- Invitations neither.
revoke all on casebase.invitations from anon, authenticated, service_role, casebase_api;
drop policy if exists invitations_all_nobody on casebase.invitations;
create policy invitations_all_nobody on casebase.invitations for all using (false);
