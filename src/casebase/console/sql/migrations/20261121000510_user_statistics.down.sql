alter table casebase.console_sessions alter column user_id set statistics -1;
