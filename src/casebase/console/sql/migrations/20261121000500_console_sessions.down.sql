drop table casebase.console_sessions;
