-- Nobody touches the sessions but through the functions of this unit, which run as their owner.
revoke all on casebase.console_sessions from anon, authenticated, service_role, casebase_api;
